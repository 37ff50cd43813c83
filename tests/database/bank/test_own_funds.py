"""Own funds by command: what is left of a credit on the trust account, and two people who stand for it."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import Refused
from money.bank import allocation, receiving
from money.bank.models import BankAllocation
from money.bank.states import AccountPurpose
from money.ledger import balances
from people.models import Organisation
from people.queries import find_person
from tests.builders import bank
from tests.builders.booking import findings
from tests.builders.orders import staff
from tests.builders.organisations import organisation
from tests.builders.threads import at_once

REFERENCE = "Umbuchung 4711"


@pytest.fixture
def issuer(context: Flask) -> Organisation:
    """An issuer whose bank has stated 500.00 that nobody has decided about."""
    made = transact(organisation, "issuer")
    bank.received(bank.account_of(made.id), bank.line(500_00, "Rücklage", bank_reference=REFERENCE))
    return made


def two(issuer_id: UUID) -> tuple[str, str]:
    return staff("issuer_clerk", issuer_id), staff("issuer_clerk", issuer_id)


def call(app: Flask, slug: str, by: str, approved_by: str, receipt: str = REFERENCE) -> tuple[int, str]:
    """The command; its exit code and what it says."""
    args = ["money", "float", "--ledger", slug, "--receipt", receipt, "--by", by, "--approved-by", approved_by]
    done = app.test_cli_runner().invoke(args=[*args, "--reason", "Vorstand, 4.5."])
    return done.exit_code, done.output


def in_books(issuer_id: UUID) -> list[int]:
    session.expire_all()
    return [balances.load_balance(issuer_id, key) for key in ("TB", "OB", "KZ")]


def test_own_funds_come_out_of_a_receipt_once_and_two_people_stand_for_it(app: Flask, issuer: Organisation) -> None:
    people = two(issuer.id)
    code, said = call(app, issuer.slug, *people)
    assert (code, said.split(",")[:2]) == (0, ["500", "00\u202f€ gebucht"])
    assert in_books(issuer.id) == [500_00, -500_00, 0]
    row = session.scalars(sa.select(BankAllocation).order_by(BankAllocation.recorded_at.desc()).limit(1)).one()
    assert (row.place, row.note) == ("own", "Vorstand, 4.5.")
    assert [row.placed_by, row.approved_by] == [find_person(email).id for email in people]  # type: ignore[union-attr]
    assert call(app, issuer.slug, *people)[0] == 1
    assert in_books(issuer.id) == [500_00, -500_00, 0]
    assert findings() == []


def test_one_person_strangers_and_people_without_the_task_book_no_own_funds(app: Flask, issuer: Organisation) -> None:
    first, second = two(issuer.id)
    stranger = staff("issuer_clerk", transact(organisation, "issuer").id)
    for approved_by in (first, stranger, staff("counter_clerk", issuer.id), "niemand@example.org"):
        assert call(app, issuer.slug, first, approved_by)[0] == 2
        assert call(app, issuer.slug, approved_by, first)[0] == 2
    assert call(app, "nie", first, second) == (1, "Error: Es gibt keine Organisation „nie“.\n")
    assert in_books(issuer.id) == [500_00, 0, 500_00]


def test_other_money_is_no_own_funds_of_the_pool(app: Flask, issuer: Organisation) -> None:
    """What lies with another issuer or on the operating account, what nobody knows, and what one of the two typed."""
    people = two(issuer.id)
    other = bank.income(transact(organisation, "issuer").id, 70_00)
    operating = bank.received(bank.account_of(issuer.id, purpose=AccountPurpose.OPERATING), bank.line(70_00, "Beitrag"))
    for receipt in (str(other), str(operating), str(uuid4()), "unbekannt"):
        assert call(app, issuer.slug, *people, receipt)[0] == 1
    person = find_person(people[1])
    assert person
    trust = bank.account_of(issuer.id)
    typed = transact(receiving.record_receipt, trust, bank.credit(30_00), person.id).receipt_id
    for pair in (people, people[::-1]):
        assert call(app, issuer.slug, *pair, str(typed))[0] == 1
    assert in_books(issuer.id)[0] == 530_00
    assert in_books(issuer.id)[2] == 600_00
    transact(allocation.reclassify, operating, "own", person_id=uuid4(), note="kein Geld von Kunden")
    assert call(app, issuer.slug, people[0], staff("issuer_clerk", issuer.id), str(typed))[0] == 0
    assert in_books(issuer.id)[0] == 530_00


def test_twenty_at_once_book_the_same_receipt_once(context: Flask) -> None:
    ledger = transact(organisation, "issuer").id
    receipt = bank.income(ledger, 70_00)

    def deed(_nth: int) -> int:
        return transact(allocation.reclassify, receipt, "own", person_id=uuid4(), approved_by=uuid4(), note="Rücklage")

    found = at_once(context, deed, range(20))
    assert [each for each in found if not isinstance(each, Refused)] == [70_00]
    assert in_books(ledger) == [70_00, -70_00, 0]
