"""Roots leave the house, once each; who rewrites the whole tail does not fit what left."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session
from foundation.models import OutgoingMail
from money.ledger import chain, sealing
from money.ledger.published import read_roots
from money.roots import comparing, publishing, queries, stamping
from money.roots.models import RootCopy
from tests.builders.authority import authority
from tests.builders.days import finish_days, setting
from tests.builders.ledger import reseal, tampering


def forge_everything() -> None:
    """Change an amount and rewrite all that follows: seals, heads, roots of days, the tree and its seals."""
    with tampering() as owner:
        owner.execute("UPDATE entry SET cents = cents + 1 WHERE ctid = (SELECT min(ctid) FROM entry)")
        for table in ("row_seal", "row_queue"):
            owner.execute(f"DELETE FROM {table} WHERE table_name IN ('day_root', 'balance_root')")  # type: ignore[call-overload]
        owner.execute(
            "UPDATE row_seal s SET seal_no = n.place FROM (SELECT seal_no, row_number() OVER (ORDER BY seal_no)"
            " AS place FROM row_seal) n WHERE n.seal_no = s.seal_no"
        )
        owner.execute("DELETE FROM day_root")
        owner.execute("DELETE FROM balance_root")
        reseal(owner)
    sealing.close_days()
    publishing.publish_roots()
    sealing.seal_all()


def reasons() -> set[str]:
    return {broken.reason for broken in chain.verify().broken}


def test_every_root_goes_once_to_every_trustee_and_to_the_file(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    finish_days(3)
    kept = tmp_path / "outside" / "roots.txt"
    with setting(monkeypatch, trustees="bank@example.org, verein@example.org", roots_file=kept):
        for _twice in range(2):
            publishing.publish_roots()
        assert session.scalar(sa.select(sa.func.count()).select_from(OutgoingMail)) == 6
        assert read_roots(kept.read_text()) == list(reversed(queries.list_roots()))
        assert len(read_roots(kept.read_text())) == 3
        sealing.seal_all()
        assert reasons() == set()


def test_who_rewrites_everything_is_betrayed_by_what_left(
    own_database: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    finish_days(2)
    with setting(monkeypatch, roots_file=tmp_path / "roots.txt"):
        publishing.publish_roots()
        mine = tmp_path / "mail.eml"
        mine.write_text(
            "".join(f"Subject: x\n\n> {str(root)[:70]}=\n{str(root)[70:]}\n" for root in queries.list_roots())
        )
        forge_everything()
        broken = chain.verify().broken
        assert {b.reason for b in broken} == {"die Wurzel ist eine andere als die, was außerhalb aufgehoben ist"}
    with setting(monkeypatch, roots_file=""):
        assert chain.verify().ok  # the control: without anything outside, the forger's chain fits itself
        given = own_database.test_cli_runner().invoke(args=["money", "chain", "--roots", str(mine)])
        assert (given.exit_code, given.output.count("was Ihnen vorliegt")) == (1, 2)


def test_time_stamps_bind_a_root_to_its_day(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_days(2)
    with authority() as tsa, setting(monkeypatch, timestamp_url=tsa.url, timestamp_certificates=tsa.certificates):
        for _twice in range(2):
            publishing.publish_roots()
        assert session.scalar(sa.select(sa.func.count()).select_from(RootCopy)) == 2
        sealing.seal_all()
        assert reasons() == set()
        forge_everything()
        assert any(reason.startswith("der Zeitstempel passt nicht") for reason in reasons())


def test_a_late_or_missing_stamp_is_a_finding(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_days(12)
    with authority() as tsa, setting(monkeypatch, timestamp_url=tsa.url, timestamp_certificates=tsa.certificates):
        publishing.publish_roots()
        late = {day for day, reason in comparing.compare_published([]) if "erst vom" in reason}
        assert late == {root.day for root in queries.list_roots()[7:]}
        with tampering() as owner:
            owner.execute("DELETE FROM root_copy WHERE day = %s", [queries.list_roots()[5].day])
        assert (queries.list_roots()[5].day, "der Zeitstempel fehlt") in comparing.compare_published([])


def test_an_authority_that_does_not_answer_stops_nothing(own_database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    finish_days(1)
    with authority() as tsa:
        certificates = tsa.certificates.read_bytes()
    with setting(monkeypatch, timestamp_url=tsa.url):
        publishing.publish_roots()
        assert session.scalar(sa.select(sa.func.count()).select_from(RootCopy)) == 0
        assert len(queries.list_roots()) == 1
    assert certificates.startswith(b"-----BEGIN")
    with pytest.raises(stamping.StampRefused):
        stamping.read_stamp(b"nothing", b"x")
