"""Issuing: value comes into being against money, within limits, once."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from flask import Flask

from foundation import clock, errors
from foundation.database import session, transact, uuid7
from money.bank import accounts
from people import persons
from people.models import Person
from people.queries import find_person
from tests.builders import approvals as by_two
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.web.test_sign_in import member
from vouchers.network import programmes
from vouchers.stored_value import codes, issuing, queries
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Lot, Programme, Voucher


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def test_only_hashes_of_the_secrets_are_stored(context: Flask) -> None:
    programme = build.programme()
    made = build.voucher(programme.id, 50_00)
    session.commit()
    row = session.get_one(Voucher, made.voucher_id)
    assert (row.token_hash, row.code_hash) == (codes.hash_token(made.token), codes.hash_code(made.code))
    assert row.pin_hash == codes.hash_pin(made.code, made.pin)
    assert queries.find_by_token(made.token) is row
    assert balance("VL", made.voucher_id) == 50_00


@pytest.mark.parametrize(
    ("issued", "end"),
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), date(2029, 12, 31)),
        (datetime(2026, 12, 31, 22, 59, tzinfo=UTC), date(2029, 12, 31)),
        (datetime(2026, 12, 31, 23, 1, tzinfo=UTC), date(2030, 12, 31)),
    ],
)
def test_paid_value_ends_with_the_third_year_after_its_issue_in_berlin(
    context: Flask, issued: datetime, end: date
) -> None:
    with clock.at(issued):
        made = build.voucher(build.programme().id, 50_00)
        session.commit()
    assert [lot.legal_end for lot in queries.list_lots(made.voucher_id)] == [end]


@pytest.mark.parametrize("cents", [0, -1, 9_99, 250_01, 10**12])
def test_amounts_outside_the_limits_are_refused(context: Flask, cents: int) -> None:
    programme = build.programme()
    session.commit()
    with pytest.raises(errors.Invalid):
        issuing.issue(programme.id, cents, funding=Funding("KZ", uuid7()), actor_id=uuid7(), key=str(uuid4()))
    session.rollback()
    assert session.query(Voucher).filter(Voucher.programme_id == programme.id).count() == 0


def test_a_paid_lot_cannot_end_before_the_law_allows(context: Flask) -> None:
    programme = build.programme()
    session.commit()
    with pytest.raises(errors.Invalid):
        build.voucher(programme.id, 50_00, ends_on=date(clock.today().year + 2, 12, 31))


def test_the_same_key_issues_once(context: Flask) -> None:
    programme = build.programme()
    actor, one = uuid7(), str(uuid4())
    funding = build.paid_in(programme.id, 50_00)
    first = issuing.issue(
        programme.id,
        50_00,
        funding=funding,
        actor_id=actor,
        key=one,
    )
    session.commit()
    with pytest.raises(errors.Refused) as refusal:
        issuing.issue(
            programme.id,
            50_00,
            funding=funding,
            actor_id=actor,
            key=one,
        )
    assert refusal.value.code == "already_issued"
    session.rollback()
    assert session.query(Lot).filter(Lot.voucher_id == first.voucher_id).count() == 1


def test_the_command_prints_each_voucher_once_with_its_secrets(app: Flask, context: Flask) -> None:
    programme = build.programme()
    people = by_two.two(programme.issuer_id)
    clerks = [session.get_one(Person, who).email for who in (people.first, people.second)]
    receipt = bank.income(programme.issuer_id, 7 * 50_00)
    run = app.test_cli_runner().invoke
    args = ["vouchers", "issue", "--programme", programme.slug, "--cents", "5000", "--count", "7", "--json"]
    args += ["--receipt", str(receipt), "--by", clerks[0], "--approved-by", clerks[1]]
    result = run(args=args)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len({line["token"] for line in lines}) == 7
    assert {(line["cents"], line["programme"]) for line in lines} == {(5000, programme.slug)}
    assert all(codes.read_code(line["code"]) == line["code"] and len(line["pin"]) == 6 for line in lines)
    found = queries.find_by_token(lines[0]["token"])
    assert found is not None
    assert str(found.id) == lines[0]["voucher_id"]


@pytest.mark.parametrize(
    "more",
    [
        ["--receipt", "CAMT-1"],
        ["--receipt", "CAMT-1", "--by", "a@example.org", "--approved-by", "b@example.org"],
        ["--cents", "999999"],
        ["--programme", "gibt-es-nicht"],
    ],
)
def test_the_command_refuses_what_is_not_funded_by_two_persons(app: Flask, context: Flask, more: list[str]) -> None:
    programme = build.programme()
    session.commit()
    result = app.test_cli_runner().invoke(
        args=["vouchers", "issue", "--programme", programme.slug, "--cents", "5000", *more]
    )
    assert result.exit_code != 0
    assert session.query(Voucher).filter(Voucher.programme_id == programme.id).count() == 0


def issue_as(app: Flask, programme: Programme, by: str, approved_by: str, reference: str) -> int:
    persons = ["--by", by, "--approved-by", approved_by, "--receipt", reference]
    args = ["vouchers", "issue", "--programme", programme.slug, "--cents", "5000", *persons]
    return app.test_cli_runner().invoke(args=args).exit_code


def test_two_different_persons_of_issuers_stand_for_an_issue_and_a_receipt_funds_once(
    app: Flask, context: Flask
) -> None:
    programme = build.programme()
    session.commit()
    clerks, foreign = [member("issuer_clerk") for _n in range(2)], member("issuer_clerk")
    for clerk in clerks:
        transact(persons.join, find_person(clerk).id, programme.issuer_id, "issuer_clerk")
    reference = f"CAMT {uuid4()}"
    account = accounts.find_open_account(programme.issuer_id)
    trust = account.id if account else bank.account_of(programme.issuer_id)
    bank.received(trust, bank.line(50_00, "Stand am Markt", bank_reference=reference))
    assert issue_as(app, programme, clerks[0], clerks[0], reference) != 0
    assert issue_as(app, programme, clerks[0], foreign, reference) != 0
    assert session.query(Voucher).filter(Voucher.programme_id == programme.id).count() == 0
    assert issue_as(app, programme, *clerks, reference) == 0
    assert issue_as(app, programme, *clerks, reference) != 0
    assert session.query(Voucher).filter(Voucher.programme_id == programme.id).count() == 1


def test_a_shop_outside_the_area_and_one_too_many_cannot_accept(context: Flask) -> None:
    programme = build.programme(towns=[build.COESFELD], max_outlets=2, partners=False)
    with pytest.raises(errors.Refused) as outside:
        programmes.accept(programme.id, build.outlet(build.DUELMEN).id)
    assert outside.value.code == "outside_area"
    for _n in range(2):
        programmes.accept(programme.id, build.outlet().id)
    with pytest.raises(errors.Refused) as full:
        programmes.accept(programme.id, build.outlet().id)
    assert full.value.code == "charter_full"
