"""The application's login names the account that value comes from or goes to: only those of its kind are taken."""

from uuid import UUID, uuid4

import pytest
from flask import Flask

from foundation.database import session, transact, uuid7
from money.ledger.plan import ACCOUNTS
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.database.attacks.test_login import refusal
from tests.database.attacks.test_thin_air import take, wait
from vouchers.stored_value.models import Lot, Programme

PAYS = {"KZ", "CB", "EP", "SF", "WK", "BE"}
ISSUE = """
SELECT voucher_issue(gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), %(programme)s, sha256(%(a)s),
                     sha256(%(b)s), sha256(%(c)s), 'ABCD', NULL, 'paid', NULL, 2000, date '2099-12-31', %(account)s,
                     %(party)s, gen_random_uuid(), 'key', NULL, clock_timestamp(), 0::smallint, NULL, NULL)
"""
TAIL = "gen_random_uuid(), gen_random_uuid(), gen_random_uuid()::text"
GOES = {
    "reduce": (
        {"TB", "CB", "WK"},
        f"SELECT * FROM voucher_reduce(%(v)s, %(lot)s, 100, {TAIL}, %(account)s, %(party)s, 'x', clock_timestamp())",
    ),
    "lapse": (
        {"BE", "CB", "WK"},
        f"SELECT * FROM voucher_lapse(%(v)s, %(lot)s, {TAIL}, %(account)s, %(party)s, 'x', clock_timestamp())",
    ),
    "withdraw": (
        {"KZ", "SF"},
        f"SELECT * FROM voucher_withdraw(%(origin)s, {TAIL}, %(account)s, %(party)s, 'x', clock_timestamp())",
    ),
    "charge_back": (
        {"KZ", "CB"},
        f"SELECT * FROM voucher_charge_back(%(origin)s, NULL, 100, {TAIL}, NULL, %(account)s, %(party)s, 'x',"
        " clock_timestamp())",
    ),
}


def sold(programme: Programme, payment: UUID) -> tuple[UUID, Lot]:
    """A voucher of 20 euro out of a payment, and its lot."""
    wait(programme.issuer_id, "KZ", payment, 20_00)
    voucher = take(programme, "KZ", payment, 20_00)
    lot = session.query(Lot).filter_by(voucher_id=voucher).one()
    session.commit()
    return voucher, lot


@pytest.mark.parametrize("account", [*sorted(set(ACCOUNTS) - PAYS), "", "XX", None])
def test_no_other_account_pays_for_a_voucher(context: Flask, account: str | None) -> None:
    programme = transact(build.programme)
    values = {"programme": programme.id, "account": account, "party": uuid7()}
    secrets = {name: uuid4().bytes for name in "abc"}
    session.commit()
    assert refusal(ISSUE, **values, **secrets) == "counter_account"


@pytest.mark.parametrize("verb", GOES)
def test_value_goes_to_no_other_account(context: Flask, verb: str) -> None:
    allowed, statement = GOES[verb]
    voucher, lot = sold(transact(build.programme), uuid7())
    values = {"v": voucher, "lot": lot.id, "origin": lot.origin_id, "party": uuid7()}
    session.commit()
    for account in [*sorted(set(ACCOUNTS) - allowed), "XX", None]:
        assert refusal(statement, account=account, **values) == "counter_account", account
    assert balance("VL", voucher) == 20_00
    assert findings() == []


def test_the_value_of_one_purchase_becomes_no_other_payments_money(context: Flask) -> None:
    """What goes back to a thief's own payment would buy a voucher whose secrets the thief has chosen."""
    programme, mine = transact(build.programme), uuid7()
    victim, lot = sold(programme, uuid7())
    sold(programme, mine)
    values = {"v": victim, "lot": lot.id, "origin": lot.origin_id, "account": "KZ"}
    session.commit()
    for party in (mine, uuid7(), None):
        for verb in ("withdraw", "charge_back"):
            assert refusal(GOES[verb][1], party=party, **values) == "funded"
    values |= {"party": uuid7()}
    assert refusal(GOES["charge_back"][1], **(values | {"account": "CB"})) == "counter_account"
    assert balance("VL", victim) == 20_00
