"""An issuer's trust account: where voucher money lies, apart from its own. One person proposes, another approves.

Decisions 0307, 0308.
"""

from uuid import UUID

from foundation import audit
from foundation.clock import now
from foundation.database import session
from foundation.languages import _, lazy
from money.bank import accounts
from money.errors import account_holder_missing
from vouchers.approvals import deciding, kinds, proposing
from vouchers.approvals.kinds import ProposalKind
from vouchers.approvals.models import Proposal
from vouchers.approvals.proposing import ProposalDraft
from vouchers.network import errors, queries
from vouchers.network.models import TrustAccount

KIND = "trust_account"


def propose(issuer_id: UUID, *, iban: str, holder: str, person_id: UUID, reason: str) -> UUID:
    """Propose the account; it is in force once somebody else of the issuer approves. Gives the proposal's id.

    Refuses (`Invalid`) IBANs with wrong check digits or of banks abroad.
    """
    name = " ".join(holder.split())
    if not 3 <= len(name) <= accounts.MAX_HOLDER_CHARS:
        raise account_holder_missing()
    details = {"issuer": str(issuer_id), "iban": read_german_iban(iban), "holder": name}
    draft = ProposalDraft(kind=KIND, issuer_id=issuer_id, reason=reason, details=details)
    return proposing.propose(draft, person_id)


def enact(
    issuer_id: UUID, *, iban: str, holder: str, proposed_by: UUID, approved_by: UUID, reason: str
) -> TrustAccount:
    """Put the account in force; the one before is closed. Refuses as `propose` does, and another issuer's account."""
    account_id = accounts.record_account(issuer_id, iban=read_german_iban(iban), holder=holder)
    trust_account = TrustAccount(
        account_id=account_id, reason=reason, proposed_by=proposed_by, approved_by=approved_by, valid_from=now()
    )
    session.add(trust_account)
    session.flush()
    audit.record("trust_account.enacted", "bank_account", account_id, issuer=str(issuer_id))
    return trust_account


def read_german_iban(text: str) -> str:
    """Read a German IBAN, without its spaces. Refuses others (`Invalid`, field `iban`)."""
    iban, _bic, _bank = accounts.check_iban(text)
    if not iban.startswith("DE"):
        raise errors.account_abroad()
    return iban


def _act(proposal: Proposal) -> None:
    enact(
        UUID(proposal.details["issuer"]),
        iban=proposal.details["iban"],
        holder=proposal.details["holder"],
        proposed_by=proposal.proposed_by,
        approved_by=deciding.decider_of(proposal),
        reason=proposal.reason,
    )


def _tell(proposal: Proposal) -> kinds.Rows:
    issuer_id = UUID(proposal.details["issuer"])
    before = accounts.find_open_account(issuer_id)
    return [
        (_("Herausgeber"), queries.load_organisation_names([issuer_id])[issuer_id]),
        (_("Konto"), accounts.group_iban(proposal.details["iban"])),
        (_("lautet auf"), proposal.details["holder"]),
        (_("bisher"), accounts.group_iban(before.iban) if before else _("keines")),
    ]


KINDS = (ProposalKind(KIND, lazy("Treuhandkonto"), _act, _tell),)
