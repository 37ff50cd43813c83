"""Making a batch: numbers, secrets, and the one file from which a print shop prints them.

The secrets exist in plain only in what `make` gives back: whoever calls hands them over at once and stores
them nowhere. Decision 0315.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock_name, session, uuid7
from vouchers.cards import errors, limits, numbers
from vouchers.cards.models import CardBatch, CardMovement, StockCard
from vouchers.cards.states import CardMovementKind, CardState
from vouchers.purchases import errors as purchase_errors
from vouchers.purchases.links import build_voucher_url
from vouchers.stored_value import codes
from vouchers.stored_value.errors import programme_unknown
from vouchers.stored_value.models import Programme

MAX_BATCH_CARDS = 5000
MAX_NAME_CHARACTERS = 60


@dataclass(frozen=True)
class PrintedCard:
    """What is printed on one card: number and bar code outside, the rest under foil."""

    number: str
    barcode: str
    address: str
    code: str
    pin: str


@dataclass(frozen=True)
class NewBatch:
    """A new batch with its secrets in plain."""

    batch_id: UUID
    cards: list[PrintedCard]


def make_batch(
    programme_id: UUID, *, name: str, count: int, face_cents: int | None, made_by: str, key: str
) -> NewBatch:
    """Make 1 to 5000 cards, all or none. They are worth nothing.

    `face_cents`: their fixed value, or None where the buyer chooses. Refuses values that the counter could not sell,
    and a key that made a batch before (`already_made`): its secrets are not shown again.
    """
    programme = session.get(Programme, programme_id)
    if programme is None:
        raise programme_unknown()
    title = _check_batch(programme, name, count, face_cents)
    lock_name("stock card serials")
    if session.scalar(sa.select(CardBatch.id).where(CardBatch.key == key)):
        raise errors.batch_already_made()
    first = _find_next_serial(count)
    batch = CardBatch(
        id=uuid7(),
        programme_id=programme_id,
        name=title,
        count=count,
        first_serial=first,
        face_cents=face_cents,
        made_by=made_by,
        key=key,
    )
    session.add(batch)
    session.flush()
    cards = _write_cards(batch.id, first, count)
    _record_movement(batch)
    return NewBatch(batch.id, cards)


def write_print_file(cards: list[PrintedCard]) -> Iterator[str]:
    """Write the lines of the file for the print shop (CSV with semicolons, UTF-8), the heading first."""
    yield _format_line(["Nummer (aussen)", "Strichcode (aussen)", "QR-Code (innen)", "Code (innen)", "PIN (innen)"])
    for card in cards:
        yield _format_line([card.number, card.barcode, card.address, card.code, card.pin])


def _check_batch(programme: Programme, name: str, count: int, face_cents: int | None) -> str:
    title = " ".join(name.split())
    if not 1 <= len(title) <= MAX_NAME_CHARACTERS:
        raise errors.batch_name_missing(MAX_NAME_CHARACTERS)
    if not 1 <= count <= MAX_BATCH_CARDS:
        raise errors.batch_too_large(MAX_BATCH_CARDS)
    minimum, maximum = limits.find_amount_range(programme)
    if face_cents is not None and not minimum <= face_cents <= maximum:
        raise purchase_errors.amount_outside_range(minimum, maximum, "face")
    return title


def _find_next_serial(count: int) -> int:
    last = session.scalar(sa.select(sa.func.max(StockCard.serial)))
    first = int(last) + 1 if last else numbers.FIRST_SERIAL
    if first + count - 1 > numbers.LAST_SERIAL:
        raise errors.numbers_used_up()
    return first


def _write_cards(batch_id: UUID, first: int, count: int) -> list[PrintedCard]:
    cards, rows = [], []
    for serial in range(first, first + count):
        token, code, pin = codes.make_token(), codes.make_code(), codes.make_pin()
        known = codes.hash_secrets(token, code, pin)
        cards.append(
            PrintedCard(
                numbers.format_number(serial), numbers.format_barcode(serial), build_voucher_url(token), code, pin
            )
        )
        rows.append(
            {
                "id": uuid7(),
                "batch_id": batch_id,
                "serial": serial,
                "token_hash": known.token,
                "code_hash": known.code,
                "pin_hash": known.pin,
                "last4": known.last4,
                "state": CardState.STOCK,
            }
        )
    session.execute(sa.insert(StockCard), rows)
    return cards


def _record_movement(batch: CardBatch) -> None:
    last = batch.first_serial + batch.count - 1
    session.add(
        CardMovement(
            kind=CardMovementKind.PRODUCED,
            first_serial=batch.first_serial,
            last_serial=last,
            count=batch.count,
            reason=batch.name,
            by=batch.made_by,
            at=now(),
        )
    )
    audit.record("cards.made", "card_batch", batch.id, count=batch.count, first=batch.first_serial, by=batch.made_by)


def _format_line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(cells)
    return out.getvalue()
