"""Where a receipt's money goes: to a payment, to the provider's account, to own funds, or back to who sent it.

Every function runs in the caller's transaction. People's deeds lock the account first, then the payment. Who typed a
receipt by hand decides nothing about it (`same_person`): else one person could type money and take vouchers for it.
Decision 0205.
"""

from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import berlin
from foundation.database import lock_name, lock_one, session, uuid7
from foundation.languages import _
from money.bank import errors
from money.bank.models import BankAccount, BankAllocation, BankLine, BankReceipt, BankReturn
from money.bank.postings import ALLOCATED, BankPosting
from money.bank.states import AllocationPlace, ReceiptSource
from money.ledger import balances, journal
from money.payments import deciding, methods, opening, states
from money.payments.models import Payment, Tender
from money.payments.statement_models import ProviderLine
from money.payments.states import PaymentState, TenderState
from money.payments.tendering import TenderRequest

MAX_NOTE_CHARS = 200
MIN_NOTE_CHARS = 3
MAX_PAYOUT_DAYS = timedelta(days=14)  # GT clears until then (decision 0212)
RECLASSIFIED = (AllocationPlace.PROVIDER, AllocationPlace.OWN)  # no customer's money


def find_ledger(receipt: BankReceipt) -> UUID:
    """Find the books of the issuer whose account it is."""
    ledger: UUID = receipt.account.organisation_id
    return ledger


def count_unallocated_cents(receipt: BankReceipt) -> int:
    """Count the cents of a receipt that nobody has decided about."""
    back = sa.select(sa.func.coalesce(sa.func.sum(BankReturn.cents), 0)).where(BankReturn.receipt_id == receipt.id)
    return int(receipt.cents - _sum(BankAllocation.receipt_id == receipt.id) - (session.scalar(back) or 0))


def count_unexplained_cents(line: BankLine) -> int:
    """Count the cents of a debit of which nobody has said what they were."""
    return int(line.cents - _sum(BankAllocation.line_id == line.id))


def _sum(mine: sa.ColumnElement[bool]) -> int:
    signed = sa.case((BankAllocation.undoes.is_(None), BankAllocation.cents), else_=-BankAllocation.cents)
    return int(session.scalar(sa.select(sa.func.coalesce(sa.func.sum(signed), 0)).where(mine)) or 0)


def count_missing_cents(payment: Payment) -> int:
    """Count the cents that a payment still waits for; 0 when it does not wait for a transfer."""
    tender = find_waiting_tender(payment)
    if tender is None or payment.state != PaymentState.OPEN:
        return 0
    return tender.cents - count_allocated_cents(payment.id)


def find_waiting_tender(payment: Payment) -> Tender | None:
    """Find the payment's tender that a transfer pays: the one whose method waits for the bank."""
    tender = payment.external_tender
    return tender if tender is not None and methods.of(tender.method).traits.waits_for_bank else None


def count_allocated_cents(payment_id: UUID) -> int:
    """Count the cents that stand on a payment."""
    return sum(each.cents for each in list_standing(payment_id))


def is_typed_by(receipt: BankReceipt, person_id: UUID) -> bool:
    """Whether this person typed the receipt by hand, so that another one must decide about it."""
    return receipt.source == ReceiptSource.PERSON and receipt.entered_by == person_id


def allocate(
    receipt: BankReceipt, payment: Payment, cents: int, *, person_id: UUID | None = None, note: str = ""
) -> bool:
    """Use `cents` of a receipt for a payment: both are locked, the cents are there and missing.

    Whether that made it whole: then it is decided.
    """
    whole = count_missing_cents(payment) == cents
    row = BankAllocation(
        place=AllocationPlace.PAYMENT, payment_id=payment.id, cents=cents, note=note, placed_by=person_id
    )
    add(row, receipt=receipt)
    if whole:
        tender = payment.external_tender
        assert tender is not None
        states.move(states.TENDER, tender, TenderState.CAPTURED)
        session.flush()
        deciding.commit(payment, "transfer received")
    return whole


def allocate_to_payment(receipt_id: UUID, payment_id: UUID, *, person_id: UUID, note: str = "") -> int:
    """Use a receipt for the payment that a person names: gives back the cents, at most what is missing.

    The rest stays in the worklist. Refuses another issuer's payment, one that does not wait for a transfer, and the
    person who typed the receipt.
    """
    receipt = lock_receipt(receipt_id, person_id)
    payment = lock_one(Payment, payment_id)
    if payment.ledger_id != find_ledger(receipt):
        raise errors.other_issuer()
    cents = min(count_unallocated_cents(receipt), count_missing_cents(payment))
    if cents <= 0:
        raise errors.nothing_missing()
    allocate(receipt, payment, cents, person_id=person_id, note=check_note(note))
    audit.record("bank.assigned", "bank_receipt", receipt.id, payment=str(payment.id), cents=cents)
    return cents


def allocate_late(receipt_id: UUID, payment_id: UUID, *, person_id: UUID) -> UUID:
    """Use money that came after its payment had ended: open a new payment for the same thing and give back its id.

    Refuses when the thing is paid or being paid already, cannot be had any more, or costs more than the receipt holds.
    """
    receipt = lock_receipt(receipt_id, person_id)
    ended = lock_one(Payment, payment_id)
    tender = find_waiting_tender(ended)
    if tender is None or ended.state != PaymentState.FAILED or ended.ledger_id != find_ledger(receipt):
        raise errors.payment_not_ended()
    if count_unallocated_cents(receipt) < ended.cents:
        raise errors.receipt_too_small(ended.cents)
    request = TenderRequest(tender.method, ended.cents)
    made = opening.open_payment(ended.kind, ended.ref_id, [request], key=f"late/{receipt.id}/{ended.id}")
    allocate_to_payment(receipt.id, made, person_id=person_id)
    return made


def reclassify(receipt_id: UUID, where: str, *, person_id: UUID, note: str, approved_by: UUID | None = None) -> int:
    """Book the rest of a receipt as no customer's: a payout of the provider (`provider`) or the issuer's own (`own`).

    `approved_by`: the second person, where two stand for it. Refuses without a note, who typed the receipt, and a
    payout that the provider's statement does not show as under way.
    """
    receipt = lock_receipt(receipt_id, *filter(None, (person_id, approved_by)))
    cents, ledger, why = count_unallocated_cents(receipt), find_ledger(receipt), check_note(note)
    if where not in RECLASSIFIED:
        raise errors.place_unknown()
    if len(why) < MIN_NOTE_CHARS:
        raise errors.note_missing()
    if cents <= 0:
        raise errors.nothing_left()
    payout_id = find_payout(ledger, cents) if where == AllocationPlace.PROVIDER else None
    row = BankAllocation(
        place=AllocationPlace(where),
        cents=cents,
        note=why,
        placed_by=person_id,
        approved_by=approved_by,
        payout_id=payout_id,
    )
    add(row, receipt=receipt)
    audit.record("bank.put_aside", "bank_receipt", receipt.id, where=where, cents=cents)
    return cents


def cross_out(receipt_id: UUID, *, person_id: UUID, note: str) -> int:
    """Take what a person typed off the bank account again, since the bank never stated it; gives the cents.

    Refuses without a note, who typed it, what a line has confirmed, and what is used already, in part or whole.
    """
    receipt = lock_receipt(receipt_id, person_id)
    why = check_note(note)
    if len(why) < MIN_NOTE_CHARS:
        raise errors.note_missing()
    stated = session.scalar(sa.select(BankLine.id).where(BankLine.receipt_id == receipt.id))
    if stated or receipt.source != ReceiptSource.PERSON:
        raise errors.receipt_confirmed()
    if count_unallocated_cents(receipt) < receipt.cents:
        raise errors.nothing_left()
    row = BankAllocation(place=AllocationPlace.CROSSED_OUT, cents=receipt.cents, note=why, placed_by=person_id)
    add(row, receipt=receipt)
    audit.record("bank.crossed_out", "bank_receipt", receipt.id, cents=receipt.cents)
    return receipt.cents


def find_payout(ledger_id: UUID, cents: int) -> UUID:
    """Find the oldest payout of just this sum on its way to the bank; below zero: on its way to the provider.

    Until the transaction ends nobody else finds one of this issuer: two accounts are no two payouts. Refuses a sum that
    is not under way by the provider's statement (account GT).
    """
    found = _list_payouts(ledger_id, cents)
    if not found:
        raise errors.provider_owes_less()
    return min(found)


def find_only_payout(ledger_id: UUID, cents: int, booked_on: date) -> UUID | None:
    """Find the one payout of just this sum under way that left at most 14 days before; None where it is not one."""
    first = booked_on - MAX_PAYOUT_DAYS
    found = _list_payouts(ledger_id, cents)
    if len(found) != 1:
        return None
    left_on = berlin(session.get_one(ProviderLine, found[0]).created_at).date()
    return found[0] if first <= left_on <= booked_on else None


def _list_payouts(ledger_id: UUID, cents: int) -> list[UUID]:
    """List the payouts of a sum under way. Who asks gets them alone until the transaction ends: none arrives twice."""
    lock_name(f"payouts {ledger_id}")
    under_way = balances.list_by_party(ledger_id, "GT")
    return [payout_id for payout_id, open_cents in under_way.items() if payout_id and open_cents == cents]


def allocate_to_claim(
    receipt_id: UUID, claim_id: UUID, maximum_cents: int, *, ledger_id: UUID, person_id: UUID, note: str
) -> BankAllocation:
    """Use a receipt for what `claim_id` owes on SF, at most `maximum_cents`; what is more stays in the worklist.

    Who calls has locked the claim. Refuses another issuer's receipt, and one that is decided about.
    """
    found = session.get(BankReceipt, receipt_id)
    if found is None or find_ledger(found) != ledger_id:  # first of all: of others' receipts nothing is told
        raise errors.receipt_unknown()
    receipt = lock_receipt(receipt_id, person_id)
    cents = min(count_unallocated_cents(receipt), maximum_cents)
    if cents <= 0:
        raise errors.nothing_left()
    row = BankAllocation(
        place=AllocationPlace.CLAIM, claim_id=claim_id, cents=cents, note=check_note(note), placed_by=person_id
    )
    add(row, receipt=receipt)
    audit.record("bank.claim_settled", "bank_receipt", receipt.id, claim=str(claim_id), cents=cents)
    return row


def allocate_to_value(
    receipt_id: UUID, paper_id: UUID, cents: int, *, ledger_id: UUID, person_ids: tuple[UUID, UUID]
) -> None:
    """Use `cents` of a receipt for vouchers that two people issue against it: they are paid from KZ of `paper_id`.

    `person_ids`: who wants it and who agreed. Refuses another issuer's receipt, money that is not on the trust account,
    who typed the receipt, and more than is left of it.
    """
    receipt = lock_receipt(receipt_id, *person_ids)
    check_free_for_value(receipt.id, cents, ledger_id)
    row = BankAllocation(
        place=AllocationPlace.VALUE,
        paper_id=paper_id,
        cents=cents,
        placed_by=person_ids[0],
        approved_by=person_ids[1],
    )
    add(row, receipt=receipt)
    audit.record("bank.value_paid", "bank_receipt", receipt.id, paper=str(paper_id), cents=cents)


def check_free_for_value(receipt_id: UUID, cents: int, ledger_id: UUID) -> None:
    """Refuse another issuer's receipt, one that is not on the trust account, and one with less than `cents` left."""
    receipt = session.get(BankReceipt, receipt_id)
    if receipt is None or find_ledger(receipt) != ledger_id:
        raise errors.receipt_unknown()
    if not receipt.account.is_trust:
        raise errors.not_in_trust()
    free = count_unallocated_cents(receipt)
    if free < cents:
        raise errors.receipt_has_less(free)


def request_return(receipt_id: UUID, *, person_id: UUID) -> UUID:
    """Ask for the rest of a receipt to be sent back to who sent it. Booked when a person has sent it."""
    receipt = lock_receipt(receipt_id, person_id)
    cents = count_unallocated_cents(receipt)
    if cents <= 0:
        raise errors.nothing_left()
    owed = BankReturn(
        account_id=receipt.account_id,
        account=receipt.account,
        receipt_id=receipt.id,
        cents=cents,
        payer_name=receipt.payer_name,
        payer_iban=receipt.payer_iban,
        remittance=_("Rückgabe Ihrer Überweisung vom %(day)s", day=f"{receipt.booked_on:%d.%m.%Y}"),
        asked_by=person_id,
    )
    session.add(owed)
    session.flush()
    audit.record("bank.return_asked", "bank_receipt", receipt.id, cents=cents)
    return owed.id


def release_allocations(tender: Tender) -> None:
    """Take what was allocated off a payment that ends: it is nobody's again. A second call finds nothing."""
    for row in list_standing(tender.payment_id):
        release(row)


def release(row: BankAllocation) -> None:
    """Take one allocation off its payment, not whole yet, or its settlement: the money is the receipt's again."""
    receipt = session.get_one(BankReceipt, row.receipt_id)
    undoing = BankAllocation(
        place=row.place, payment_id=row.payment_id, paper_id=row.paper_id, cents=row.cents, undoes=row.id
    )
    _write(undoing, receipt=receipt)
    journal.post(BankPosting.UNPLACED, undoing.id)


def list_receipts(payment_id: UUID) -> list[tuple[BankReceipt, BankAllocation]]:
    """List the receipts that stand on a payment, the largest allocation first."""
    found = [(session.get_one(BankReceipt, p.receipt_id), p) for p in list_standing(payment_id)]
    return sorted(found, key=lambda pair: (-pair[1].cents, pair[1].id))


def list_standing(payment_id: UUID) -> list[BankAllocation]:
    """List what stands on a payment and was not taken back."""
    return _list_standing(BankAllocation.payment_id == payment_id, AllocationPlace.PAYMENT)


def list_settled(receipt: BankReceipt) -> list[BankAllocation]:
    """List what of a receipt stands on settlements between issuers."""
    return _list_standing(BankAllocation.receipt_id == receipt.id, AllocationPlace.SETTLEMENT)


def _list_standing(mine: sa.ColumnElement[bool], place: AllocationPlace) -> list[BankAllocation]:
    rows = list(session.scalars(sa.select(BankAllocation).where(mine, BankAllocation.place == place)))
    undone = {row.undoes for row in rows}
    return [row for row in rows if row.undoes is None and row.id not in undone]


def add(row: BankAllocation, *, receipt: BankReceipt | None = None, line: BankLine | None = None) -> BankAllocation:
    """Write down what a receipt was used for, what a debit was, or both, and book it. The account is locked."""
    _write(row, receipt=receipt, line=line)
    journal.post(ALLOCATED[AllocationPlace(row.place)], row.id)
    return row


def _write(row: BankAllocation, *, receipt: BankReceipt | None = None, line: BankLine | None = None) -> None:
    row.id = row.journal_id = uuid7()
    row.receipt_id, row.line_id = receipt.id if receipt else None, line.id if line else None
    session.add(row)
    session.flush()


def lock_receipt(receipt_id: UUID, *person_ids: UUID) -> BankReceipt:
    """Lock a receipt for people who decide about it. Refuses who typed it."""
    receipt = session.get(BankReceipt, receipt_id)
    if receipt is None:
        raise errors.receipt_unknown()
    if any(is_typed_by(receipt, person_id) for person_id in person_ids):
        raise errors.same_person()
    lock_one(BankAccount, receipt.account_id)
    return receipt


def check_note(text: str) -> str:
    """Trim a note. Refuses (`Invalid`) more than 200 characters."""
    if len(text) > MAX_NOTE_CHARS:
        raise errors.note_too_long()
    return " ".join(text.split())
