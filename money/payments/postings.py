"""What provider money means in the books: the only place where payments post.

Rail "issuer": the provider owes the issuer (PSP), and the payer's money waits for its purpose (KZ, party payment).
Rail "seller": memo accounts only, for that money is never ours. The table below is the whole rule.
"""

from uuid import NAMESPACE_OID, UUID, uuid5

from money.ledger.journal import Line, post
from money.payments.models import Payment, ProviderCall, Refund, Tender

ACCOUNTS = {"issuer": ("PSP", "KZ"), "seller": ("MP", "MV")}
KINDS = {"capture": "payment_captured", "collect": "payment_collected", "refund": "payment_refunded"}


def received(payment: Payment, tender: Tender, call: ProviderCall) -> None:
    """Dr PSP / Cr KZ of the payment; or memo Dr MP / Cr MV of each seller. The document is the call."""
    split = {part.share.ref_id: part.cents for part in tender.parts}
    post(call.id, payment.id, payment.ledger_id, KINDS[call.kind], _lines(payment, split), once=True)


def returned(payment: Payment, refund: Refund, call: ProviderCall, original: UUID) -> None:
    """The mirror of `received`, as far as it was refunded. `original` is the document that it corrects."""
    split = {UUID(ref): cents for ref, cents in refund.split.items()}
    lines = [_mirrored(line) for line in _lines(payment, split)]
    post(call.id, payment.id, payment.ledger_id, KINDS["refund"], lines, reverses=original, once=True)


def return_failed(payment: Payment, refund: Refund, call: ProviderCall) -> None:
    """The bank sent a refund back: the money is with the provider again."""
    split = {UUID(ref): cents for ref, cents in refund.split.items()}
    journal = uuid5(NAMESPACE_OID, f"{call.id}/failed")
    kind = "payment_refund_failed"
    post(journal, payment.id, payment.ledger_id, kind, _lines(payment, split), reverses=call.id, once=True)


def fee(payment: Payment, call: ProviderCall, cents: int) -> None:
    """Dr GK / Cr PSP. The fee on sellers' money is no cost of ours and is only noted at the call (decision 0203)."""
    if payment.rail == "issuer" and cents > 0:
        journal = uuid5(NAMESPACE_OID, f"{call.id}/fee")
        post(journal, payment.id, payment.ledger_id, "provider_fee", [Line("GK", "PSP", cents)], once=True)


def _lines(payment: Payment, split: dict[UUID, int]) -> list[Line]:
    debit, credit = ACCOUNTS[payment.rail]
    if payment.rail == "issuer":
        return [Line(debit, credit, sum(split.values()), credit_party=payment.id)]
    sellers = [(share.organisation_id, split.get(share.ref_id, 0)) for share in payment.shares]
    return [Line(debit, credit, cents, credit_party=seller) for seller, cents in sellers if cents]


def _mirrored(line: Line) -> Line:
    return Line(line.credit, line.debit, line.cents, line.credit_party, line.debit_party)
