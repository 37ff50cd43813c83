"""Handing out by the office: one voucher against money on the trust account, mailed to somebody. By two people."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.database import session
from foundation.errors import Invalid, NotFound, Refused
from foundation.languages import _, force_locale, lazy
from foundation.models import AuditRecord
from foundation.security import decrypt, encrypt
from money.amount import euro
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.network import limits
from vouchers.purchases import links
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


def propose(wish: ManualIssueRequest, person_id: UUID) -> UUID:
    """Propose it. Refuses wrong addresses, amounts outside the programme's limits, and a reference that was used."""
    programme = session.get(Programme, wish.programme_id)
    if programme is None:
        raise NotFound(_("Dieses Gutscheinprogramm gibt es nicht."))
    if not programme.min_cents <= wish.cents <= programme.max_cents:
        raise Invalid(_("Dieser Betrag ist in diesem Programm nicht möglich."), "amount_outside_limits", field="amount")
    reference = " ".join(wish.reference.split())
    if not MIN_REFERENCE_LENGTH <= len(reference) <= MAX_REFERENCE_LENGTH:
        raise Invalid(
            _("Bitte nennen Sie den Zahlungseingang (4 bis 100 Zeichen)."), "reference_missing", field="reference"
        )
    _must_be_new(reference)
    _must_not_wait(reference)
    to = mail.normalise_address(wish.email)
    details = {"reference": reference, "language": wish.language if wish.language in LANGUAGES else "de"}
    # Who gets it is nobody's business for ever: a proposal stays, and so the address lies in it unreadable.
    details["to"] = encrypt(to.encode()).decode()
    draft = ProposalDraft(
        kind=KIND,
        issuer_id=programme.issuer_id,
        programme_id=programme.id,
        reason=wish.reason,
        cents=wish.cents,
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
        raise Refused(_("Gegen diesen Zahlungseingang wurde schon ausgegeben."), "reference_used")


def _bare(reference: str) -> str:
    """Letters and digits alone: one line of a statement is not two because somebody typed a space or a small letter."""
    return "".join(sign for sign in reference.lower() if sign.isascii() and sign.isalnum())


def _same(column: sa.ColumnElement[str], reference: str) -> sa.ColumnElement[bool]:
    bare = _bare(reference)
    return sa.func.regexp_replace(sa.func.lower(column), "[^a-z0-9]", "", "g") == bare if bare else column == reference


def _must_not_wait(reference: str) -> None:
    waits = sa.select(Proposal.id).where(
        Proposal.kind == KIND,
        Proposal.state == "proposed",
        _same(Proposal.details["reference"].astext, reference),
    )
    if session.scalar(waits.limit(1)):
        raise Refused(_("Zu diesem Zahlungseingang liegt schon ein Vorschlag vor."), "reference_used")


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
    made = issuing.issue(
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
        secrets=made,
        link=links.build_voucher_url(made.token),
    )


def _recipient(proposal: Proposal) -> str:
    return decrypt(proposal.details["to"].encode()).decode()


def _tell(proposal: Proposal) -> kinds.Rows:
    return [
        (_("Empfänger"), _recipient(proposal)),
        (_("Zahlungseingang"), proposal.details["reference"]),
    ]


def plug() -> None:
    """Register what can be proposed."""
    kinds.register(
        ProposalKind(KIND, lazy("Gutschein ausgeben"), _issue, _tell, lazy("Zahlungseingang auf dem Treuhandkonto"))
    )
