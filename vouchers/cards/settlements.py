"""What the bank received settles what a counter owes. Decision 0315."""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.database import lock_one, session, uuid7
from money.bank import allocation
from money.bank.models import BankReceipt
from vouchers.cards import errors
from vouchers.cards.models import Counter, CounterPayment


def settle_counter(counter_id: UUID, receipt_id: UUID, *, person_id: UUID, key: str) -> CounterPayment:
    """Settle with a receipt of the bank what the counter owes: KZ an SF. What is more stays with the bank.

    A repeated key gives the first payment again. Refuses (`NotFound`) receipts of other issuers, (`Refused`) counters
    that owe nothing and receipts that are decided about.
    """
    counter = lock_one(Counter, counter_id)
    mine = CounterPayment.counter_id == counter_id
    earlier = session.scalars(sa.select(CounterPayment).where(mine, CounterPayment.key == key)).one_or_none()
    if earlier:
        if earlier.receipt_id != receipt_id:
            raise errors.receipt_key_reused()
        return earlier
    if not counter.open_cents:
        raise errors.nothing_open()
    placement = allocation.allocate_to_claim(
        receipt_id,
        counter.id,
        counter.open_cents,
        ledger_id=counter.issuer_id,
        person_id=person_id,
        note=f"Verkaufsstelle {counter.code}",
    )
    return _record_payment(counter, session.get_one(BankReceipt, receipt_id), placement.cents, person_id, key)


def _record_payment(counter: Counter, receipt: BankReceipt, cents: int, person_id: UUID, key: str) -> CounterPayment:
    payment = CounterPayment(
        id=uuid7(),
        counter_id=counter.id,
        receipt_id=receipt.id,
        cents=cents,
        paid_on=receipt.booked_on,
        reference=f"{receipt.bank_reference} {receipt.payer_name}".strip(),
        recorded_by=person_id,
        key=key,
    )
    session.add(payment)
    counter.open_cents -= cents
    session.flush()
    audit.record("counter.payment", "counter", counter.id, cents=cents, receipt=str(receipt.id))
    return payment
