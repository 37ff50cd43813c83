"""What provider money means in the books: the only place where payments post.

Rail "issuer": the provider owes each issuer its shares (PSP), and the payer's money waits for its purpose (KZ, party
payment), in that issuer's own ledger. Rail "seller": memo accounts only, for that money is never ours. The table below
is the whole rule.
"""

import hashlib
from uuid import NAMESPACE_OID, UUID, uuid5

from money.ledger.journal import JournalDocument, JournalLine, post, reverse_lines
from money.payments.models import ClaimMove, Payment, ProviderCall, Refund, Tender
from money.payments.payables import Rail
from money.payments.states import CallKind, ClaimKind
from money.splitting import split_in_proportion

ACCOUNTS = {Rail.ISSUER: ("PSP", "KZ"), Rail.SELLER: ("MP", "MV")}
KINDS = {
    CallKind.CAPTURE: "payment_captured",
    CallKind.COLLECT: "payment_collected",
    CallKind.REFUND: "payment_refunded",
}

CLAIM_KINDS = {
    ClaimKind.RAISED: "claim_raised",
    ClaimKind.SETTLED: "claim_settled",
    ClaimKind.WRITTEN_OFF: "claim_written_off",
    ClaimKind.RECOVERED: "claim_recovered",
}


def post_receipt(payment: Payment, tender: Tender, call: ProviderCall) -> None:
    """Dr PSP / Cr KZ of the payment in each issuer's ledger; or memo Dr MP / Cr MV of each seller."""
    for ledger, lines in _by_ledger(payment, _read_tender_split(tender)).items():
        post(
            JournalDocument(
                derive_document_id(payment, call.id, ledger), payment.id, ledger, KINDS[CallKind(call.kind)]
            ),
            lines,
            once=True,
        )


def post_refund(payment: Payment, refund: Refund, call: ProviderCall, original: UUID) -> None:
    """Mirror `post_receipt`, as far as it was refunded. `original`: the call whose documents it corrects."""
    for ledger, lines in _by_ledger(payment, _read_refund_split(refund)).items():
        journal, corrected = derive_document_id(payment, call.id, ledger), derive_document_id(payment, original, ledger)
        mirrored = reverse_lines(lines)
        post(
            JournalDocument(journal, payment.id, ledger, KINDS[CallKind.REFUND], reverses=corrected),
            mirrored,
            once=True,
        )


def post_failed_refund(payment: Payment, refund: Refund, call: ProviderCall) -> None:
    """Post that the bank sent a refund back: the money is with the provider again."""
    origin = uuid5(NAMESPACE_OID, f"{call.id}/failed")
    for ledger, lines in _by_ledger(payment, _read_refund_split(refund)).items():
        journal, corrected = derive_document_id(payment, origin, ledger), derive_document_id(payment, call.id, ledger)
        post(
            JournalDocument(journal, payment.id, ledger, "payment_refund_failed", reverses=corrected), lines, once=True
        )


def post_fee(payment: Payment, tender: Tender, call: ProviderCall, cents: int) -> None:
    """Dr GK / Cr PSP, split over the issuers in proportion to their shares, to the cent.

    The fee on sellers' money is no cost of ours and is only noted at the call (decision 0203).
    """
    if payment.rail != Rail.ISSUER or cents <= 0:
        return
    origin = uuid5(NAMESPACE_OID, f"{call.id}/fee")
    weights = {
        ledger: sum(line.cents for line in lines)
        for ledger, lines in _by_ledger(payment, _read_tender_split(tender)).items()
    }
    for ledger, part in split_in_proportion(cents, weights).items():
        journal = derive_document_id(payment, origin, ledger)
        post(JournalDocument(journal, payment.id, ledger, "provider_fee"), [JournalLine("GK", "PSP", part)], once=True)


def post_claim(move: ClaimMove) -> None:
    """What a payer owes: Dr SF / Cr KZ raised, its mirror settled, Dr FV / Cr SF given up, Dr KZ / Cr FV recovered."""
    claim, waiting = ("SF", move.payment_id), ("KZ", move.payment_id)
    sides: dict[str, tuple[tuple[str, UUID | None], tuple[str, UUID | None]]] = {
        ClaimKind.RAISED: (claim, waiting),
        ClaimKind.SETTLED: (waiting, claim),
        ClaimKind.WRITTEN_OFF: (("FV", None), claim),
        ClaimKind.RECOVERED: (waiting, ("FV", None)),
    }
    (debit, debit_party), (credit, credit_party) = sides[move.kind]
    post(
        JournalDocument(move.id, move.payment_id, move.ledger_id, CLAIM_KINDS[ClaimKind(move.kind)]),
        [JournalLine(debit, credit, move.cents, debit_party, credit_party)],
    )


def derive_document_id(payment: Payment, origin: UUID, ledger_id: UUID) -> UUID:
    """Derive a document's id in one ledger: its origin's id in the payment's ledger, one made from both elsewhere.

    The proof (Z-02) derives the same in SQL.
    """
    if ledger_id == payment.ledger_id:
        return origin
    return UUID(bytes=hashlib.sha256(f"{origin}/{ledger_id}".encode()).digest()[:16])


def _read_tender_split(tender: Tender) -> dict[UUID, int]:
    return {part.share.ref_id: part.cents for part in tender.parts}


def _read_refund_split(refund: Refund) -> dict[UUID, int]:
    return {UUID(ref): cents for ref, cents in refund.split.items()}


def _by_ledger(payment: Payment, split: dict[UUID, int]) -> dict[UUID, list[JournalLine]]:
    """The lines for these cents of each share (by its `ref_id`), by the ledger that they belong to."""
    debit, credit = ACCOUNTS[Rail(payment.rail)]
    wanted = [(share.organisation_id, split[share.ref_id]) for share in payment.shares if split.get(share.ref_id)]
    if payment.rail == Rail.SELLER:
        return {payment.ledger_id: [JournalLine(debit, credit, cents, credit_party=seller) for seller, cents in wanted]}
    sums: dict[UUID, int] = {}
    for issuer, cents in wanted:
        sums[issuer] = sums.get(issuer, 0) + cents
    return {
        issuer: [JournalLine(debit, credit, cents, credit_party=payment.id)] for issuer, cents in sorted(sums.items())
    }
