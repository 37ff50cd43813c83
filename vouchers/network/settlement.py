"""What issuers owe each other for vouchers taken in the other's shops, and paying it. The sum over all books is zero.

A settlement is one document with two journals: what was owed to the other (CL) is to be sent, and to come, by this
transfer (CL of the settlement). The bank's lines carry it out, on both sides. Decisions 0214, 0307, 0308.
"""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import lock, session, uuid7
from foundation.languages import _, lazy
from money.bank import accounts, settling
from money.errors import amount_not_positive
from money.ledger import balances, journal
from people.models import Organisation
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.network import errors, queries
from vouchers.network.models import IssuerSettlement

KIND = "issuer_settlement"
MIN_REFERENCE_LENGTH, MAX_REFERENCE_LENGTH = 3, 140


@dataclass(frozen=True)
class IssuerBalance:
    """What one issuer owes another, in cents; negative when the other owes."""

    other_id: UUID
    name: str
    cents: int


def load_debt(debtor_id: UUID, creditor_id: UUID) -> int:
    """Load what one issuer owes another now, in cents: its account CL with that party. Negative when the other owes."""
    return balances.load_balance(debtor_id, "CL", creditor_id)


def list_balances(issuer_id: UUID) -> list[IssuerBalance]:
    """List what an issuer owes the other issuers or is owed by them, without those at zero and what is decided."""
    found = balances.list_by_party(issuer_id, "CL")
    names = queries.load_organisation_names(found)
    return sorted((IssuerBalance(other, name, found[other]) for other, name in names.items()), key=lambda b: b.name)


def propose(debtor_id: UUID, creditor_id: UUID, cents: int, *, reference: str, person_id: UUID, reason: str) -> UUID:
    """Propose that the debtor pays the creditor; somebody else of the debtor approves. Gives the proposal's id.

    `reference` is for the bank transfer from trust account to trust account. Refuses more than is owed, a reference
    that was used before, and issuers without a trust account.
    """
    transfer = reference.strip()
    if not MIN_REFERENCE_LENGTH <= len(transfer) <= MAX_REFERENCE_LENGTH:
        raise errors.transfer_reference_missing()
    _must_be_owed(debtor_id, creditor_id, cents, transfer)
    settling.check_accounts(debtor_id, creditor_id)
    details = {"debtor": str(debtor_id), "creditor": str(creditor_id), "reference": transfer}
    draft = ProposalDraft(kind=KIND, issuer_id=debtor_id, reason=reason, cents=cents, details=details)
    return proposing.propose(draft, person_id)


def settle(
    debtor_id: UUID, creditor_id: UUID, cents: int, *, reference: str, proposed_by: UUID, approved_by: UUID
) -> IssuerSettlement:
    """Book in both ledgers at once that it is to be paid, and note the transfer to be sent.

    Refuses more than is owed at this moment, a reference that was used before, and issuers without a trust account.
    """
    lock(Organisation, [debtor_id, creditor_id])
    _must_be_owed(debtor_id, creditor_id, cents, reference)
    between = settling.check_accounts(debtor_id, creditor_id)
    settlement = IssuerSettlement(
        id=uuid7(),
        mirror_id=uuid7(),
        debtor_id=debtor_id,
        creditor_id=creditor_id,
        cents=cents,
        reference=reference,
        proposed_by=proposed_by,
        approved_by=approved_by,
        settled_at=now(),
    )
    session.add(settlement)
    journal.post(KIND, settlement.id)
    settling.plan(settlement.id, cents, between=between, reference=reference, asked_by=proposed_by)
    audit.record("issuers.settled", "issuer_settlement", settlement.id, cents=cents, creditor=str(creditor_id))
    return settlement


def name_party(party_id: UUID) -> str | None:
    """Name a party of CL: another issuer, or a settlement by its transfer's reference."""
    issuer, found = session.get(Organisation, party_id), session.get(IssuerSettlement, party_id)
    return issuer.name if issuer else _("Überweisung „%(words)s“", words=found.reference) if found else None


def _must_be_owed(debtor_id: UUID, creditor_id: UUID, cents: int, reference: str) -> None:
    if debtor_id == creditor_id or cents < 1:
        raise amount_not_positive("cents")
    due = load_debt(debtor_id, creditor_id)
    if cents > due:
        raise errors.more_than_owed(due)
    used = sa.select(IssuerSettlement.id).filter_by(debtor_id=debtor_id, reference=reference)
    if session.scalar(used):
        raise errors.transfer_booked()


def _act(proposal: Proposal) -> None:
    settle(
        UUID(proposal.details["debtor"]),
        UUID(proposal.details["creditor"]),
        proposal.cents,
        reference=proposal.details["reference"],
        proposed_by=proposal.proposed_by,
        approved_by=deciding.decider_of(proposal),
    )


def _tell(proposal: Proposal) -> kinds.Rows:
    debtor, creditor = UUID(proposal.details["debtor"]), UUID(proposal.details["creditor"])
    names, account = queries.load_organisation_names([debtor, creditor]), accounts.find_open_account(creditor)
    return [
        (_("Es zahlt"), names[debtor]),
        (_("an"), names[creditor]),
        (_("Treuhandkonto"), accounts.group_iban(account.iban) if account else _("nicht hinterlegt")),
        (_("Verwendungszweck"), proposal.details["reference"]),
    ]


EFFECT = lazy("Treuhandkonto, sobald die Bank belastet")
KINDS = (ProposalKind(KIND, lazy("Ausgleich zwischen Herausgebern"), _act, _tell, EFFECT),)
