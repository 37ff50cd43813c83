"""An issuer leaves one house and settles in another: balances, chain, agreements, tills and old QR codes work there."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import errors
from foundation.config import settings
from foundation.database import autocommit_engine, db, session
from money.ledger import chain, proof, sealing
from tests.builders import vouchers as build
from tests.builders.ledger import add_float, tampering
from tests.conftest import application, copy
from vouchers.moving import export_issuer, restore_issuer
from vouchers.moving.archive import MANIFEST
from vouchers.stored_value.models import Reciprocity
from vouchers.tills import holds, redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder


def nothing(_table: str, _rows: int) -> None:
    """Nobody listens."""


@contextmanager
def another_house(server_url: str, template: str) -> Iterator[Flask]:
    """An empty database of a new operator, with the same pepper."""
    with copy(server_url, template) as url:
        made = application(url)
        with made.app_context():
            yield made
            session.remove()
            db.engine.dispose()
            autocommit_engine().dispose()


class Old:
    """A house with two issuers who accept each other, holds, refunds, a merged voucher and money from elsewhere."""

    def __init__(self) -> None:
        self.programme, foreign = build.programme(), build.programme()
        self.shop, host = build.accepting_shop(self.programme.id), build.accepting_shop(foreign.id)
        self.voucher, self.spent = build.voucher(self.programme.id, 80_00), build.voucher(self.programme.id, 50_00)
        theirs = build.voucher(foreign.id, 60_00)
        session.add(Reciprocity(programme_id=self.programme.id, host_programme_id=foreign.id))
        session.add(Reciprocity(programme_id=foreign.id, host_programme_id=self.programme.id))
        self.issuer: UUID = self.programme.issuer_id
        add_float(self.issuer, 500_00)
        session.commit()
        self.taken = self.take(self.shop, self.voucher, 30_00)
        self.take(host, self.spent, 20_00)
        self.take(self.shop, theirs, 7_00)
        returns.refund(self.shop.token, self.taken, cents=5_00, key=str(uuid4()), reason="Ware zurück")
        held = holds.hold(self.shop.token, self.voucher.token, cents=4_00, key=str(uuid4()), expires_in_seconds=900)
        self.hold = UUID(held.body["hold_id"])
        self.foreign_token = theirs.token
        sealing.seal_all()

    def take(self, shop: build.Shop, voucher: object, cents: int) -> UUID:
        token = voucher.token  # type: ignore[attr-defined]
        return UUID(redeeming.redeem(shop.token, RedemptionOrder(token, cents, str(uuid4()))).body["redemption_id"])


@pytest.fixture
def old(own_database: Flask) -> Old:
    return Old()


def test_everything_of_an_issuer_works_in_the_new_house(
    old: Old, server_url: str, template: str, tmp_path: Path
) -> None:
    path = tmp_path / "haus.zip"
    manifest = export_issuer.export(old.issuer, path, nothing)
    assert (manifest.vouchers, manifest.voucher_cents) == (2, 55_00 + 30_00)
    assert path.stat().st_mode & 0o777 == 0o600
    for secret in (old.voucher.token, old.voucher.code, old.voucher.pin):
        with zipfile.ZipFile(path) as archive:
            assert all(secret.encode() not in archive.read(name) for name in archive.namelist())
    with another_house(server_url, template):
        assert restore_issuer.preview(path).issuer == manifest.issuer
        restore_issuer.restore(path, nothing)
        sealing.seal_all()
        assert proof.prove() == []
        with tampering() as owner:
            owner.execute("UPDATE moved_sum SET cents = cents + 1")
            assert [finding.code for finding in proof.prove()] == ["V-31"]
            owner.execute("UPDATE moved_sum SET cents = cents - 1")
        verdict = chain.verify()
        assert (verdict.ok, verdict.seals > 0) == (True, True)
        answer = redeeming.redeem(old.shop.token, RedemptionOrder(old.voucher.token, 1_00, str(uuid4()))).body
        assert answer["remaining_cents"] == 80_00 - 30_00 + 5_00 - 4_00 - 1_00
        assert holds.capture(old.shop.token, old.hold, key=str(uuid4())).body["amount_cents"] == 4_00
        again = returns.refund(old.shop.token, old.taken, cents=25_00, key=str(uuid4()), reason="Ware zurück")
        assert again.body["remaining_cents"] == 75_00
        with pytest.raises(errors.Refused, match="Mehr als eingelöst"):
            returns.refund(old.shop.token, old.taken, cents=1, key=str(uuid4()), reason="Ware zurück")
        with pytest.raises(errors.NotFound):
            redeeming.redeem(old.shop.token, RedemptionOrder(old.foreign_token, 1, str(uuid4())))
        sealing.seal_all()
        assert proof.prove() == []


def test_sums_of_every_account_are_the_same_and_days_are_kept(
    old: Old, server_url: str, template: str, tmp_path: Path
) -> None:
    path = tmp_path / "haus.zip"
    manifest = export_issuer.export(old.issuer, path, nothing)
    assert manifest.sums["TB"] == -(80_00 + 50_00 + 500_00)
    assert manifest.sums["CL"] == 20_00 - 7_00
    days = _days(old.issuer)
    with another_house(server_url, template):
        restore_issuer.restore(path, nothing)
        assert _days(old.issuer) == days


def test_what_does_not_fit_is_refused_and_nothing_is_written(
    old: Old, server_url: str, template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "haus.zip"
    export_issuer.export(old.issuer, path, nothing)
    with pytest.raises(FileExistsError):
        export_issuer.export(old.issuer, path, nothing)
    with pytest.raises(errors.Refused) as refusal:
        restore_issuer.preview(path)
    assert refusal.value.code == "database_not_empty"
    for name, change, code in (
        ("damaged.zip", {"12-till.csv": b"x\n"}, "archive_damaged"),
        ("other.zip", {MANIFEST: {"revision": "0001"}}, "revision_differs"),
        ("pepper.zip", {MANIFEST: {"pepper": "00"}}, "pepper_differs"),
        ("sums.zip", {MANIFEST: {"voucher_cents": 1}}, "sums_differ"),
    ):
        with another_house(server_url, template), pytest.raises(errors.DomainError) as refused:
            restore_issuer.restore(_changed(path, tmp_path / name, change), nothing)
        assert refused.value.code == code
    (tmp_path / "no.zip").write_bytes(b"no")
    with pytest.raises(errors.Invalid):
        restore_issuer.preview(tmp_path / "no.zip")


def test_a_refused_archive_leaves_an_empty_house(old: Old, server_url: str, template: str, tmp_path: Path) -> None:
    path = tmp_path / "haus.zip"
    export_issuer.export(old.issuer, path, nothing)
    bad = _changed(path, tmp_path / "sums.zip", {MANIFEST: {"voucher_cents": 1}})
    with another_house(server_url, template):
        with pytest.raises(errors.Refused):
            restore_issuer.restore(bad, nothing)
        for table in ("voucher", "entry", "organisation", "outbox"):
            assert session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0
        restore_issuer.restore(path, nothing)


def test_the_commands_tell_what_they_do(old: Old, server_url: str, template: str, tmp_path: Path) -> None:
    path = tmp_path / "haus.zip"
    slug = old.programme.issuer.slug
    runner = application(settings().database_url).test_cli_runner()
    made = runner.invoke(args=["vouchers", "export", slug, "--out", str(path)])
    assert (made.exit_code, "2 Gutscheine mit 85,00" in made.output.replace("\xa0", " ")) == (0, True), made.output
    with another_house(server_url, template) as house:
        runner = house.test_cli_runner()
        dry = runner.invoke(args=["vouchers", "import", str(path), "--dry-run"])
        assert (dry.exit_code, "Nichts wurde geschrieben" in dry.output) == (0, True), dry.output
        done = runner.invoke(args=["vouchers", "import", str(path)])
        assert (done.exit_code, "Die Bücher sind bewiesen" in done.output) == (0, True), done.output
        twice = runner.invoke(args=["vouchers", "import", str(path)])
        assert (twice.exit_code, "schon Daten" in twice.output) == (1, True)


def _days(issuer: UUID) -> list[tuple[object, ...]]:
    query = sa.text(
        "SELECT booked_on, debit_account, debit_party, credit_account, credit_party, sum(cents) FROM entry"
        " WHERE ledger_id = :l GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
    )
    return [tuple(row) for row in session.execute(query, {"l": issuer})]


def _changed(path: Path, target: Path, change: dict[str, object]) -> Path:
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            new = change.get(name)
            if isinstance(new, dict):
                data = json.dumps(json.loads(data) | new).encode()
            made.writestr(name, new if isinstance(new, bytes) else data)
    return target
