"""Another system's vouchers come in: their codes work at the till, their time runs on, their sum is in the books."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import errors
from foundation.clock import today
from foundation.database import session, uuid7
from people import persons
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.booking import findings
from vouchers.moving import foreign_codes, import_vouchers, lists
from vouchers.moving.models import MoveIn
from vouchers.stored_value import queries
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

SOLD = f"{today().year - 1}-01-01"  # still good, whatever today is
HEAD = "code;balance;issued_on\n"


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def marked() -> str:
    return uuid4().hex[:10].upper()


def ordered(programme_id: UUID, text: str) -> import_vouchers.ImportOrder:
    """Two people who take over a list, and the money that came with it."""
    issuer_id = session.get_one(Programme, programme_id).issuer_id
    cents = max(sum(line.cents for line in lists.read_list(text.encode()).lines), 1)
    return import_vouchers.ImportOrder(
        programme_id=programme_id,
        source="Altstadt",
        receipt_id=bank.income(issuer_id, cents, "Übernahme Altstadt"),
        moved_by=uuid7(),
        approved_by=uuid7(),
    )


def move(programme_id: UUID, text: str) -> UUID:
    order = ordered(programme_id, text)
    return import_vouchers.import_list(order, lists.read_list(text.encode()), lambda done, total: None)


def take(shop: build.Shop, code: str, cents: int) -> int:
    return int(redeeming.redeem(shop.token, RedemptionOrder(code, cents, str(uuid4()))).body["remaining_cents"])


def test_old_codes_keep_working_as_people_type_them(context: Flask) -> None:
    programme, shop, _voucher = build.scene()
    code, digested = marked(), f"alt-{marked()}"
    digest = hashlib.sha256(digested.encode()).hexdigest()
    year = today().year
    text = f"code;sha256;balance;issued_on\n{code};;25,50;{year - 2}-03-05\n;{digest};10,00;31.12.{year - 1}\n"
    move_id = move(programme.id, text)
    assert take(shop, f"{code[:4]}-{code[4:].lower()} ", 5_50) == 20_00
    assert take(shop, digested, 1_00) == 9_00
    assert take(shop, digested.upper().replace("ALT", "alt"), 1_00) == 8_00
    ends = dict(
        session.execute(
            sa.select(Lot.issued_cents, Lot.legal_end).where(Lot.origin_id == move_id).order_by(Lot.issued_cents)
        ).all()
    )
    assert {cents: end.isoformat() for cents, end in ends.items()} == {
        10_00: f"{year + 2}-12-31",
        25_50: f"{year + 1}-12-31",
    }
    booked = session.scalar(
        sa.text(
            "SELECT sum(e.cents) FROM entry e JOIN voucher_operation o"
            " ON o.voucher_id = e.aggregate_id AND o.id = e.journal_id"
            " WHERE o.actor_id = :m AND e.debit_account = 'KZ' AND e.debit_party = :m AND e.credit_account = 'VL'"
        ),
        {"m": move_id},
    )
    assert booked == 35_50


@pytest.mark.parametrize("text", ["ML2.K3F.12345678", "ml1.abc", "MLT.ABCDEF", " ML2:K3F:12345678"])
def test_what_has_our_own_prefix_is_no_foreign_code(context: Flask, text: str) -> None:
    move(build.programme().id, f"{HEAD}{marked()};10;{SOLD}\n")
    assert foreign_codes.resolve(text) is None


def test_an_unknown_foreign_code_counts_as_a_guess(context: Flask) -> None:
    programme, shop, _voucher = build.scene()
    move(programme.id, f"{HEAD}{marked()};10;{SOLD}\n")
    for _n in range(20):
        with pytest.raises(errors.NotFound):
            take(shop, marked(), 1)
    with pytest.raises(errors.TooMany):
        take(shop, marked(), 1)


def test_the_same_list_comes_in_once(context: Flask) -> None:
    programme, _shop, _voucher = build.scene()
    text = f"{HEAD}{marked()};10;{SOLD}\n{marked()};20;{SOLD}\n"
    first = move(programme.id, text)
    assert move(programme.id, text) == first
    count = session.scalar(sa.select(sa.func.count()).select_from(Lot).where(Lot.origin_id == first))
    assert count == 2
    with pytest.raises(errors.Refused, match="anderes Programm"):
        move(build.programme().id, text)


def test_a_move_that_broke_off_goes_on_where_it_stopped(context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    programme, _shop, _voucher = build.scene()
    monkeypatch.setattr(import_vouchers, "BATCH_SIZE", 2)
    text = HEAD + "".join(f"{marked()};10;{SOLD}\n" for _n in range(5))

    def stop(done: int, _whole: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    order = ordered(programme.id, text)
    with pytest.raises(KeyboardInterrupt):
        import_vouchers.import_list(order, lists.read_list(text.encode()), stop)
    move_id = move(programme.id, text)
    row = session.get_one(MoveIn, move_id, populate_existing=True)
    assert (row.done_count, row.ended_at is not None) == (5, True)
    assert session.scalar(sa.select(sa.func.count()).select_from(Lot).where(Lot.origin_id == move_id)) == 5


def test_no_more_comes_in_than_the_money_that_came_with_it(context: Flask) -> None:
    programme, _shop, _voucher = build.scene()
    text = f"{HEAD}{marked()};10;{SOLD}\n{marked()};20;{SOLD}\n"
    order = replace(ordered(programme.id, text), receipt_id=bank.income(programme.issuer_id, 29_99))
    with pytest.raises(errors.Refused) as refused:
        import_vouchers.import_list(order, lists.read_list(text.encode()), lambda done, total: None)
    assert refused.value.code == "receipt_has_less"
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(MoveIn).filter_by(programme_id=programme.id)) == 0


def test_a_code_that_exists_stops_its_portion_and_names_the_line(context: Flask) -> None:
    programme, _shop, _voucher = build.scene()
    code = marked()
    move(programme.id, f"{HEAD}{code};10;{SOLD}\n")
    with pytest.raises(errors.Refused, match="Zeile 3"):
        move(programme.id, f"{HEAD}{marked()};10;{SOLD}\n{code};20;{SOLD}\n")
    assert session.scalars(sa.select(Voucher).where(Voucher.last4 == code[-4:])).unique().all() != []


def test_value_that_ended_long_ago_comes_in_and_cannot_be_spent(context: Flask) -> None:
    programme, shop, _voucher = build.scene()
    code = marked()
    text = f"{HEAD}{code};10;2019-06-01\n"
    report = import_vouchers.preview(programme, lists.read_list(text.encode()), 10_00)
    assert (report.barred_count, report.barred_cents, report.years) == (1, 10_00, {2022: 10_00})
    move(programme.id, text)
    with pytest.raises(errors.NotEnough):
        take(shop, code, 1)


def test_a_wrong_list_tells_every_line_and_writes_nothing(context: Flask) -> None:
    text = (
        f"code;balance;issued_on\nABC;10;{SOLD}\nABCDEF1;zehn;{SOLD}\nABCDEF2;10;2999-01-01\n"
        f"ABCDEF3;10;gestern\nABCDEF4;0;{SOLD}\nABCDEF5;1;{SOLD}\nabc-def5;2;{SOLD}\n"
    )
    with pytest.raises(errors.Invalid) as refusal:
        lists.read_list(text.encode())
    told = [str(sentence) for sentence in refusal.value.details["errors"]]  # type: ignore[union-attr]
    assert [sentence.split(":")[0] for sentence in told] == [f"Zeile {n}" for n in (2, 3, 4, 5, 6, 8)]
    assert "Zeile 7" in told[-1]


@pytest.mark.parametrize(
    ("text", "code"), [("a;b\n1;2\n", "columns_missing"), (HEAD, "list_not_valid"), ("", "columns_missing")]
)
def test_what_is_no_list_is_refused(context: Flask, text: str, code: str) -> None:
    with pytest.raises(errors.Invalid) as refusal:
        lists.read_list(text.encode())
    assert refusal.value.code == code


def test_another_sum_or_too_much_on_one_voucher_is_refused(context: Flask) -> None:
    programme = build.programme()
    with pytest.raises(errors.Invalid, match="erwartet wurden"):
        import_vouchers.preview(programme, lists.read_list(f"{HEAD}{marked()};10;{SOLD}\n".encode()), 10_01)
    with pytest.raises(errors.Invalid, match="Zeile 2"):
        import_vouchers.preview(programme, lists.read_list(f"{HEAD}{marked()};250,01;{SOLD}\n".encode()), 250_01)


def test_the_command_checks_reports_and_moves_in(app: Flask, context: Flask, tmp_path: Path) -> None:
    programme, shop, _voucher = build.scene()
    mails = [f"{marked().lower()}@example.org" for _n in range(2)]
    for mail in mails:
        persons.join(persons.create(email=mail).id, programme.issuer_id, "issuer_clerk")
    session.commit()
    code, receipt = marked(), bank.income(programme.issuer_id, 12_34)
    file = tmp_path / "alt.csv"
    file.write_text(f"{HEAD}{code};12,34;{SOLD}\n", "utf-8")
    options = ["vouchers", "move-in", str(file), "--programme", programme.slug, "--source", "Altstadt"]
    options += ["--total", "12,34", "--receipt", str(receipt), "--by", mails[0], "--approved-by"]
    runner = app.test_cli_runner()
    assert "zwei verschiedene" in runner.invoke(args=[*options, mails[0]]).output
    dry = runner.invoke(args=[*options, mails[1], "--dry-run"])
    assert (dry.exit_code, "Nichts wurde geschrieben" in dry.output) == (0, True)
    with pytest.raises(errors.NotFound):
        take(shop, code, 1)
    moved = runner.invoke(args=[*options, mails[1]])
    assert (moved.exit_code, "Die Bücher sind bewiesen" in moved.output) == (0, True), moved.output
    assert take(shop, code, 12_34) == 0
    assert queries.list_accepted_programmes(shop.outlet_id)[0].id == programme.id
