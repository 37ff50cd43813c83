"""Import: vouchers of another system become ours. Codes keep working, limitation runs on, the sum is booked.

Decision 0317.
"""

from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, clock
from foundation.database import lock_one, session, transact
from foundation.errors import Invalid, Refused
from money.bank import allocation
from vouchers.moving import errors, foreign_codes
from vouchers.moving.lists import ListedVoucher, VoucherList
from vouchers.moving.models import MovedCode, MoveIn
from vouchers.stored_value import codes, issuing
from vouchers.stored_value.codes import Hashes
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Programme

BATCH_SIZE = 200


@dataclass(frozen=True)
class ImportReport:
    """What a list holds, in cents. `barred_*`: what ended before today and comes in all the same."""

    count: int
    cents: int
    barred_count: int
    barred_cents: int
    years: dict[int, int]


@dataclass(frozen=True, kw_only=True)
class ImportOrder:
    """Into which programme a list comes, and who stands for it.

    `source` is the other system's name, `receipt_id` the money that arrived for them in the trust account.
    """

    programme_id: UUID
    source: str
    receipt_id: UUID
    moved_by: UUID
    approved_by: UUID


class ImportProgress(Protocol):
    """Called after each batch with how many vouchers of how many are issued."""

    def __call__(self, done: int, total: int, /) -> None: ...


def preview(programme: Programme, listed: VoucherList, total: int) -> ImportReport:
    """Say what would come in; nothing is written. `total`, in cents, is what the list should be worth.

    Refuses another sum than that, and more on one voucher than the programme allows.
    """
    if listed.cents != total:
        raise errors.total_differs(listed.cents, total)
    over = [line.number for line in listed.lines if line.cents > programme.max_cents]
    if over:
        raise errors.line_above_programme(over[0], programme.max_cents)
    ends = [(line, _ends_on(line)) for line in listed.lines]
    barred = [line for line, end in ends if end < clock.today()]
    years: dict[int, int] = {}
    for line, end in ends:
        years[end.year] = years.get(end.year, 0) + line.cents
    return ImportReport(
        len(listed.lines), listed.cents, len(barred), sum(b.cents for b in barred), dict(sorted(years.items()))
    )


def import_list(order: ImportOrder, listed: VoucherList, progress: ImportProgress) -> UUID:
    """Issue the vouchers of a list, in batches that are committed; return the id of the move. Dr KZ, Cr VL.

    Each batch takes of the receipt what it needs. The same list again goes on where it stopped, and changes nothing
    when it was finished. Refuses one person alone, and a receipt that holds less than the list.
    """
    move_id = transact(_begin, order, listed)
    done = session.get_one(MoveIn, move_id).done_count
    while done < len(listed.lines):
        done = transact(_import_batch, order, move_id, listed.lines[done : done + BATCH_SIZE], done)
        progress(done, len(listed.lines))
    transact(_end, move_id)
    return move_id


def _begin(order: ImportOrder, listed: VoucherList) -> UUID:
    if order.moved_by == order.approved_by:
        raise errors.two_people_needed()
    earlier = session.scalars(sa.select(MoveIn).where(MoveIn.digest == listed.digest)).one_or_none()
    if earlier:
        if earlier.programme_id != order.programme_id:
            raise errors.moved_elsewhere()
        _require_receipt(order, listed.lines[earlier.done_count :])
        return earlier.id
    _require_receipt(order, listed.lines)
    move = MoveIn(
        programme_id=order.programme_id,
        source=order.source[:80],
        digest=listed.digest,
        reference=f"Eingang {order.receipt_id}",
        line_count=len(listed.lines),
        cents=listed.cents,
        moved_by=f"person:{order.moved_by}",
        approved_by=f"person:{order.approved_by}",
    )
    session.add(move)
    session.flush()
    foreign_codes.forget_lists()
    people = {"by": move.moved_by, "approved_by": move.approved_by}
    audit.record("vouchers.move_in", "move_in", move.id, source=order.source, cents=listed.cents, **people)
    return move.id


def _require_receipt(order: ImportOrder, lines: list[ListedVoucher]) -> None:
    issuer_id = session.get_one(Programme, order.programme_id).issuer_id
    allocation.check_free_for_value(order.receipt_id, sum(line.cents for line in lines), issuer_id)


def _import_batch(order: ImportOrder, move_id: UUID, lines: list[ListedVoucher], first: int) -> int:
    move = lock_one(MoveIn, move_id)
    if move.done_count != first:
        return move.done_count  # somebody else runs the same list
    allocation.allocate_to_value(
        order.receipt_id,
        move.id,
        sum(line.cents for line in lines),
        ledger_id=session.get_one(Programme, move.programme_id).issuer_id,
        person_ids=(order.moved_by, order.approved_by),
    )
    for line in lines:
        _issue(move, line)
    move.done_count = first + len(lines)
    return move.done_count


def _issue(move: MoveIn, line: ListedVoucher) -> None:
    try:
        voucher_id = issuing.issue_known(
            move.programme_id,
            issuing.KnownVoucher(_hashes(line), line.cents, f"line:{line.number}"),
            terms=issuing.LotTerms(
                origin_id=move.id,
                issued_on=line.issued_on,
                ends_on=_ends_on(line),
                reason=f"{move.source}, {move.reference}"[:200],
            ),
            funding=Funding("KZ", move.id),
            actor_id=move.id,
        )
    except (Refused, Invalid) as error:
        raise errors.line_refused(line.number, error) from error
    if line.digest:
        session.add(MovedCode(hash=foreign_codes.hash_digest(line.digest), voucher_id=voucher_id))


def _hashes(line: ListedVoucher) -> Hashes:
    """Of the code that people hold. What the other system did not have gets a value that nobody has."""
    code = line.code or codes.make_code()
    pin = line.pin or codes.make_token()
    shown = line.code or (line.digest or b"").hex().upper()
    typed = codes.read_code(code) or code
    return Hashes(codes.hash_token(codes.make_token()), codes.hash_code(typed), codes.hash_pin(typed, pin), shown[-4:])


def _ends_on(line: ListedVoucher) -> date:
    """Three years to the end of the year of issue at least; later when the other system had promised more."""
    minimum = issuing.calculate_legal_end(line.issued_on)
    return max(minimum, line.ends_on) if line.ends_on else minimum


def _end(move_id: UUID) -> None:
    move = lock_one(MoveIn, move_id)
    move.ended_at = move.ended_at or clock.now()
