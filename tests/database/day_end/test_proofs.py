"""What is wrong with closed days is found: each error planted past every guard, on a database of its own."""

from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from foundation.config import settings
from foundation.database import session, transact
from money.bank import receiving
from money.bank.receiving import BankCredit
from money.day_end import reviewing
from money.ledger import proof
from tests.builders import bank
from tests.builders.day_end import accept, ago, open_rows, states_on
from tests.builders.organisations import organisation


def plant(*statements: str) -> set[str]:
    with psycopg.connect(settings().database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        for statement in statements:
            owner.execute(statement)  # type: ignore[call-overload]
    return {finding.code for finding in proof.prove()}


@pytest.fixture
def ground(own_database: Flask) -> dict[str, object]:
    """Four closed days: the first two agree, two people have accepted what differs on the others."""
    ledger = transact(organisation, "issuer").id
    account = bank.account_of(ledger)
    states_on(account, ago(4), bank.line(50_00, "a"), opening=0)
    states_on(account, ago(3), bank.line(7_00, "b"))
    wanted = BankCredit("T1", 30_00, ago(2), "Paula Payer", None, "Miete")
    typed = transact(receiving.record_receipt, account, wanted, uuid4()).receipt_id
    states_on(account, ago(1))
    transact(reviewing.review, ledger)
    accept(open_rows(ledger)[0])
    assert transact(reviewing.review, ledger) == 2
    return {"ledger": ledger, "typed": typed, "first": ago(4), "second": ago(3), "third": ago(2), "last": ago(1)}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE day_figure SET theirs_cents = 9, ours_cents = 9 WHERE day = '{first}'", "T-01"),
        ("UPDATE day_figure SET later_cents = 1, ours_cents = ours_cents + 1 WHERE day = '{second}'", "T-01"),
        ("DELETE FROM day_figure WHERE day = '{second}'", "T-01"),
        ("UPDATE bank_statement SET closing_cents = closing_cents - 1 WHERE closing_on = '{second}'", "T-01"),
        ("DELETE FROM bank_statement WHERE closing_on = '{first}'", "T-01"),
        ("DELETE FROM entry WHERE booked_on = '{first}'", "T-01"),
        ("UPDATE entry SET cents = cents + 1 WHERE booked_on = '{second}'", "T-01"),
        ("UPDATE entry SET booked_on = '{last}' WHERE booked_on = '{second}'", "T-01"),
        ("UPDATE entry SET debit_account = 'GK' WHERE journal_id = '{typed}'", "T-01"),
        ("UPDATE day_difference SET accepted_at = NULL, accepted_by = NULL", "T-02"),
        ("UPDATE day_difference SET cents = cents + 1", "T-02"),
        ("UPDATE day_difference SET until_day = from_day", "T-02"),
        ("UPDATE day_difference SET account = 'OB'", "T-02"),
        ("DELETE FROM day_difference", "T-02"),
        ("DELETE FROM day_closing WHERE day = '{second}'", "T-03"),
        ("DELETE FROM day_closing WHERE day = '{last}'", "T-03"),
        (
            "INSERT INTO period_closing VALUES"
            " ('{ledger}', '{last}'::date + 9, gen_random_uuid(), gen_random_uuid(), now())",
            "T-03",
        ),
    ],
)
def test_each_planted_error_is_found(ground: dict[str, object], statement: str, code: str) -> None:
    assert plant("SELECT 1") == set()
    assert code in plant(statement.format(**ground))


def test_closed_days_and_their_figures_are_never_changed(ground: dict[str, object]) -> None:
    for statement in (
        "UPDATE day_closing SET closed_at = now()",
        "DELETE FROM day_figure",
        "DELETE FROM day_difference",
        "INSERT INTO day_figure VALUES (gen_random_uuid(), current_date, 'bank', 'TB', 2, 1, 0, 0, NULL)",
    ):
        with pytest.raises(DBAPIError):
            session.execute(sa.text(statement))
        session.rollback()
