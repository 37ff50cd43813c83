"""Manual issue: one voucher out of a credit on the trust account, mailed to somebody, by two people.

The approval consumes the receipt to the cent. Decisions 0304, 0308, 0114.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.database import session
from foundation.languages import _, force_locale, lazy
from foundation.security import decrypt, encrypt
from money.amount import euro
from money.bank import allocation
from money.bank.models import BankReceipt
from vouchers.adjustments import errors
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.approvals.states import ProposalState
from vouchers.network import limits
from vouchers.purchases import links
from vouchers.stored_value import errors as value_errors
from vouchers.stored_value import issuing
from vouchers.stored_value.issuing import Funding
from vouchers.stored_value.models import Programme

KIND = "issue"
LANGUAGES = ("de", "en", "nl")


@dataclass(frozen=True)
class ManualIssueRequest:
    """A voucher of `cents` for who reads mail at `email`. `receipt_id`: the credit of the bank that pays."""

    programme_id: UUID
    cents: int
    email: str
    receipt_id: UUID
    reason: str
    language: str = "de"


def propose(request: ManualIssueRequest, person_id: UUID) -> UUID:
    """Propose it. Refuses wrong addresses, amounts outside the programme's limits, and what the receipt does not hold.

    What other proposals wait for counts as used.
    """
    programme = session.get(Programme, request.programme_id)
    if programme is None:
        raise value_errors.programme_unknown()
    if not programme.min_cents <= request.cents <= programme.max_cents:
        raise value_errors.amount_outside_limits("amount")
    receipt = session.get(BankReceipt, request.receipt_id)
    if receipt is None:
        raise errors.incoming_payment_missing()
    allocation.check_free_for_value(receipt.id, request.cents, programme.issuer_id)
    allocation.check_free_for_value(receipt.id, request.cents + _count_waiting(receipt), programme.issuer_id)
    to = mail.normalise_address(request.email)
    details = {"receipt": str(receipt.id), "language": request.language if request.language in LANGUAGES else "de"}
    # A proposal stays for ever and its recipient's address must not: it is encrypted.
    details["to"] = encrypt(to.encode()).decode()
    draft = ProposalDraft(
        kind=KIND,
        issuer_id=programme.issuer_id,
        programme_id=programme.id,
        reason=request.reason,
        cents=request.cents,
        details=dict(details),
    )
    return proposing.propose(draft, person_id)


def _count_waiting(receipt: BankReceipt) -> int:
    waits = sa.select(sa.func.coalesce(sa.func.sum(Proposal.cents), 0)).where(
        Proposal.kind == KIND,
        Proposal.state == ProposalState.PROPOSED,
        Proposal.details["receipt"].astext == str(receipt.id),
    )
    return int(session.scalar(waits) or 0)


def _issue(proposal: Proposal) -> None:
    language, decider = proposal.details["language"], deciding.decider_of(proposal)
    programme = session.get_one(Programme, deciding.programme_of(proposal))
    receipt = _find_receipt(proposal)
    if receipt is None:  # proposed before money had to be there: whoever approves declines it
        raise errors.incoming_payment_missing()
    allocation.allocate_to_value(
        receipt.id,
        proposal.id,
        proposal.cents,
        ledger_id=proposal.issuer_id,
        person_ids=(proposal.proposed_by, decider),
    )
    audit.record(
        "vouchers.issue",
        "voucher_batch",
        proposal.id,
        programme=str(programme.id),
        cents=proposal.cents,
        count=1,
        receipt=str(receipt.id),
        by=f"person:{proposal.proposed_by}",
        approved_by=f"person:{decider}",
    )
    limits.sell_now(proposal.id, programme.id, proposal.cents)
    issued = issuing.issue(
        programme.id,
        proposal.cents,
        terms=issuing.LotTerms(origin_id=proposal.id, reason=proposal.reason[:200]),
        funding=Funding("KZ", proposal.id),
        actor_id=proposal.id,
        key=KIND,
    )
    with force_locale(language):
        subject = _("Ihr Gutschein über %(amount)s", amount=euro(proposal.cents))
    mail.send(
        to=_recipient(proposal),
        template="vouchers/from_office",
        subject=subject,
        language=language,
        programme=programme,
        cents=proposal.cents,
        secrets=issued,
        link=links.build_voucher_url(issued.token),
    )


def _recipient(proposal: Proposal) -> str:
    return decrypt(proposal.details["to"].encode()).decode()


def _find_receipt(proposal: Proposal) -> BankReceipt | None:
    named = proposal.details.get("receipt")
    return session.get(BankReceipt, UUID(named)) if named else None


def _describe(proposal: Proposal) -> kinds.Rows:
    receipt = _find_receipt(proposal)
    return [
        (_("Empfänger"), _recipient(proposal)),
        (_("Zahlungseingang"), describe_receipt(receipt) if receipt else proposal.details.get("reference", "")),
    ]


def describe_receipt(receipt: BankReceipt) -> str:
    """Say which receipt it is: day, sum, who paid, and the payer's words."""
    words = f"{receipt.booked_on:%d.%m.%Y}", euro(receipt.cents), receipt.payer_name, receipt.remittance[:60]
    return " · ".join(word for word in words if word)


KINDS = (
    ProposalKind(
        KIND,
        lazy("Gutschein ausgeben"),
        _issue,
        _describe,
        lazy("Ein Eingang auf dem Treuhandkonto, der dafür verbraucht wird"),
    ),
)
