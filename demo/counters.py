"""The demo's sales counter: the town hall of Coesfeld, cards to sell there, and some that it has sold."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from demo import incoming
from demo.ground import ags_of
from foundation import clock
from foundation.database import session, transact, uuid7
from money.bank import accounts
from people.models import Organisation
from people.queries import find_person
from vouchers.cards import batches, counters, credit_lines, movements, selling, settlements
from vouchers.cards.models import CardSale, Counter
from vouchers.cards.movements import CardMove
from vouchers.cards.states import CardMovementKind
from vouchers.network import programmes

CODE, ISSUER, PROGRAMME = "COE1", "stadtgutschein", "coesfeld-gutschein"
CARDS = 24
LINE = 300_00
SOLD = ((9, 50_00, "cash"), (6, 25_00, "card"), (6, 40_00, "cash"), (1, 50_00, "card"))  # days ago, cents, how
PAID = 75_00


def lay() -> None:
    """The counter, if it is not there yet. Its line is covered by the issuer's own money in the pool."""
    if session.scalar(sa.select(Counter.id).where(Counter.code == CODE)):
        return
    issuer_id = session.scalars(sa.select(Organisation.id).where(Organisation.slug == ISSUER)).one()
    made = counters.open_counter(
        issuer_id,
        counters.CounterDetails(
            code=CODE,
            name="Bürgerbüro Coesfeld",
            operator="Stadt Coesfeld (Vorführung)",
            street="Markt 8",
            postcode="48653",
            ags=ags_of("Coesfeld"),
            email="buergerbuero@demo.example.org",
            phone="02541 5550310",
        ),
    )
    credit_lines.set_credit_line(made, LINE)


def cards(seller: str) -> list[dict[str, Any]]:
    """New cards at the counter with their secrets in plain, which are in the demo's own file only. The first time some
    of them are sold in the past, by the person with the address `seller`."""
    counter_id, made = transact(_stock)
    if not transact(_has_sold):
        _past(counter_id, made, seller)
    return [
        {"number": card.number, "address": card.address, "code": card.code, "pin": card.pin, "programme": PROGRAMME}
        for card in made[len(SOLD) :]
    ]


def _stock() -> tuple[UUID, list[batches.PrintedCard]]:
    programme = programmes.load_programme(PROGRAMME)
    counter_id = session.scalars(sa.select(Counter.id).where(Counter.code == CODE)).one()
    key = str(uuid7())
    made = batches.make_batch(
        programme.id, name="Vorführung", count=CARDS, face_cents=None, made_by="demo", key=key
    ).cards
    for kind in (CardMovementKind.SENT, CardMovementKind.RECEIVED):
        movements.move_cards(
            CardMove(kind, made[0].number, made[-1].number, counter_id), issuer_id=programme.issuer_id, by="demo"
        )
    return counter_id, made


def _has_sold() -> bool:
    return session.scalar(sa.select(CardSale.id).limit(1)) is not None


def _past(counter_id: UUID, made: list[batches.PrintedCard], seller: str) -> None:
    person = find_person(seller)
    assert person
    clerk_id = person.id
    for (days, cents, paid_by), card in zip(SOLD, made, strict=False):
        with clock.at(clock.now() - timedelta(days=days, minutes=7 * days)):
            transact(
                selling.sell_card,
                counter_id,
                presented=card.number,
                cents=cents,
                paid_by=paid_by,
                clerk_id=clerk_id,
                key=card.number,
            )
    with clock.at(clock.now() - timedelta(days=3)):
        transact(_pay, counter_id, clerk_id)


def _pay(counter_id: UUID, person_id: UUID) -> None:
    """The town pays part of it over, as a line of the bank's statement says, if the issuer has an account."""
    issuer_id = session.get_one(Counter, counter_id).issuer_id
    if accounts.find_open_account(issuer_id) is None:
        return
    receipt_id = incoming.receive(issuer_id, PAID, "Stadt Coesfeld", f"Karten {CODE}")
    settlements.settle_counter(counter_id, receipt_id, person_id=person_id, key="demo")
