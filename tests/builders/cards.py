"""Counters with clerks and a credit line, and cards that lie there. Everything with fresh ids."""

import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from foundation.database import session, transact
from money.bank import accounts, receiving
from people import persons
from people.models import Person
from people.queries import list_municipalities
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.ledger import add_float
from vouchers.cards import batches, counters, credit_lines, movements, selling
from vouchers.cards.batches import PrintedCard
from vouchers.cards.counters import CounterDetails
from vouchers.cards.models import CardSale, Counter
from vouchers.cards.movements import CardMove
from vouchers.cards.states import CardMovementKind
from vouchers.stored_value.models import Programme

LINE = 500_00


@dataclass(frozen=True)
class Scene:
    """A programme on sale, a counter, its clerk, and what is printed on the cards that it has received."""

    programme: Programme
    counter_id: UUID
    clerk_id: UUID
    cards: list[PrintedCard]

    @property
    def counter(self) -> Counter:
        return session.get_one(Counter, self.counter_id, populate_existing=True)


def clerk(counter_id: UUID) -> Person:
    """Somebody who may sell at a counter."""
    made = persons.create(email=f"{secrets.token_hex(6)}@example.org", name="Klara Kasse", confirmed=True)
    persons.join(made.id, session.get_one(Counter, counter_id).organisation_id, "counter_clerk")
    session.flush()
    return made


def counter(issuer_id: UUID, line: int = LINE) -> UUID:
    """A counter in Coesfeld whose credit line is covered."""
    mark = secrets.token_hex(3).upper()
    assert list_municipalities()
    made = counters.open_counter(
        issuer_id,
        CounterDetails(
            code=f"S{mark}",
            name=f"Bürgerbüro {mark}",
            operator=f"Stadt {mark}",
            street="Markt 8",
            postcode="48653",
            ags=build.COESFELD,
            email=f"{mark.lower()}@example.org",
            phone="02541 939",
        ),
    )
    if line:
        add_float(issuer_id, line)  # it stands for what counters have not paid over yet
    credit_lines.set_credit_line(made, line)
    return made


def batch(programme_id: UUID, count: int = 5, face_cents: int | None = None) -> list[PrintedCard]:
    """Cards in stock."""
    made = batches.make_batch(
        programme_id, name="Probe", count=count, face_cents=face_cents, made_by="test", key=str(uuid4())
    )
    return made.cards


def send(cards: list[PrintedCard], issuer_id: UUID, counter_id: UUID) -> None:
    """Bring a whole batch to a counter, where it arrives."""
    first, last = cards[0].number, cards[-1].number
    for kind in (CardMovementKind.SENT, CardMovementKind.RECEIVED):
        movements.move_cards(CardMove(kind, first, last, counter_id), issuer_id=issuer_id, by="test")


def scene(count: int = 5, *, line: int = LINE, face_cents: int | None = None) -> Scene:
    """All of it, committed."""
    programme = build.programme()
    place = counter(programme.issuer_id, line)
    cards = batch(programme.id, count, face_cents)
    send(cards, programme.issuer_id, place)
    made = Scene(programme, place, clerk(place).id, cards)
    session.commit()
    return made


def receipt(ground: Scene, cents: int, remittance: str = "", typed_by: UUID | None = None) -> UUID:
    """Money on the issuer's account, committed. By file or typed; with the counter's mark when nothing else is said."""
    issuer_id = ground.programme.issuer_id
    found = accounts.find_open_account(issuer_id)
    account_id = found.id if found else bank.account_of(issuer_id)
    words = remittance or f"Karten {ground.counter.code}"
    if typed_by is None:
        return bank.received(account_id, bank.line(cents, words, party_name="Stadtkasse"))
    credit = bank.credit(cents, words, name="Stadtkasse")
    return transact(receiving.record_receipt, account_id, credit, typed_by).receipt_id


def sell(ground: Scene, card: PrintedCard, cents: int | None = 50_00, *, key: str | None = None) -> CardSale:
    """One sale in the present transaction."""
    return selling.sell_card(
        ground.counter_id,
        presented=card.number,
        cents=cents,
        paid_by="cash",
        clerk_id=ground.clerk_id,
        key=key or str(uuid4()),
    )
