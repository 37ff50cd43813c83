"""Manual issue: one voucher against money on the trust account, mailed to somebody, by two people.

Decisions 0304, 0308.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.database import session
from foundation.languages import _, force_locale, lazy
from foundation.models import AuditRecord
from foundation.security import decrypt, encrypt
from money.amount import euro
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
MIN_REFERENCE_LENGTH, MAX_REFERENCE_LENGTH = 4, 100
LOCK_REFERENCE = sa.text("SELECT pg_advisory_xact_lock(hashtext(:r))")


@dataclass(frozen=True)
class ManualIssueRequest:
    """A voucher of `cents` for who reads mail at `email`. `reference`: the line of the bank statement that pays."""

    programme_id: UUID
    cents: int
    email: str
    reference: str
    reason: str
    language: str = "de"


def propose(request: ManualIssueRequest, person_id: UUID) -> UUID:
    """Propose it. Refuses wrong addresses, amounts outside the programme's limits, and a reference that was used."""
    programme = session.get(Programme, request.programme_id)
    if programme is None:
        raise value_errors.programme_unknown()
    if not programme.min_cents <= request.cents <= programme.max_cents:
        raise value_errors.amount_outside_limits("amount")
    reference = " ".join(request.reference.split())
    if not MIN_REFERENCE_LENGTH <= len(reference) <= MAX_REFERENCE_LENGTH:
        raise errors.incoming_payment_missing()
    _must_be_new(reference)
    _must_not_wait(reference)
    to = mail.normalise_address(request.email)
    details = {"reference": reference, "language": request.language if request.language in LANGUAGES else "de"}
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


def _must_be_new(reference: str) -> None:
    # The command line writes the same record, see `commands.issue`: money pays for vouchers once.
    session.execute(LOCK_REFERENCE, {"r": reference})
    session.execute(LOCK_REFERENCE, {"r": _bare(reference)})
    known = AuditRecord.detail["reference"].astext
    used = sa.select(AuditRecord.id).where(AuditRecord.subject_kind == "voucher_batch", _same(known, reference))
    if session.scalar(used.limit(1)):
        raise errors.incoming_payment_used()


def _bare(reference: str) -> str:
    """Letters and digits alone: one line of a statement is not two because somebody typed a space or a small letter."""
    return "".join(sign for sign in reference.lower() if sign.isascii() and sign.isalnum())


def _same(column: sa.ColumnElement[str], reference: str) -> sa.ColumnElement[bool]:
    bare = _bare(reference)
    return sa.func.regexp_replace(sa.func.lower(column), "[^a-z0-9]", "", "g") == bare if bare else column == reference


def _must_not_wait(reference: str) -> None:
    waits = sa.select(Proposal.id).where(
        Proposal.kind == KIND,
        Proposal.state == ProposalState.PROPOSED,
        _same(Proposal.details["reference"].astext, reference),
    )
    if session.scalar(waits.limit(1)):
        raise errors.incoming_payment_waiting()


def _issue(proposal: Proposal) -> None:
    reference, language = proposal.details["reference"], proposal.details["language"]
    programme = session.get_one(Programme, deciding.programme_of(proposal))
    _must_be_new(reference)
    audit.record(
        "vouchers.issue",
        "voucher_batch",
        proposal.id,
        programme=str(programme.id),
        cents=proposal.cents,
        count=1,
        reference=reference,
        by=f"person:{proposal.proposed_by}",
        approved_by=f"person:{proposal.decided_by}",
    )
    limits.sell_now(proposal.id, programme.id, proposal.cents)
    issued = issuing.issue(
        programme.id,
        proposal.cents,
        terms=issuing.LotTerms(origin_id=proposal.id, reason=f"{reference}: {proposal.reason}"[:200]),
        funding=Funding("TB"),
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


def _describe(proposal: Proposal) -> kinds.Rows:
    return [
        (_("Empfänger"), _recipient(proposal)),
        (_("Zahlungseingang"), proposal.details["reference"]),
    ]


KINDS = (
    ProposalKind(KIND, lazy("Gutschein ausgeben"), _issue, _describe, lazy("Zahlungseingang auf dem Treuhandkonto")),
)
