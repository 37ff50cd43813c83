"""Issuers' bank accounts. A transfer goes to the trust account, and a programme is only launched with one."""

import re
from uuid import UUID

import schwifty
import sqlalchemy as sa
from schwifty.exceptions import SchwiftyException

from foundation import audit
from foundation.clock import now
from foundation.database import lock_one, session
from money.bank import errors
from money.bank.models import BankAccount
from money.bank.states import AccountPurpose
from money.errors import account_holder_missing
from people.models import Organisation, OrganisationKind

MAX_HOLDER_CHARS = 70  # EPC069-12 and SEPA
MAX_IBAN_CHARS = 50  # as typed, with spaces


def find_open_account(organisation_id: UUID, purpose: AccountPurpose = AccountPurpose.TRUST) -> BankAccount | None:
    """Find the issuer's open account; None while none is recorded."""
    return session.scalar(
        sa.select(BankAccount).where(
            BankAccount.organisation_id == organisation_id,
            BankAccount.purpose == purpose,
            BankAccount.closed_at.is_(None),
        )
    )


def load_account(account_id: UUID) -> BankAccount:
    """Load an account, also a closed one. Refuses (`NotFound`) ids of none."""
    found = session.get(BankAccount, account_id)
    if found is None:
        raise errors.bank_account_unknown()
    return found


def find_by_iban(iban: str) -> BankAccount | None:
    """Find the account of an IBAN: the open one, else the last that was closed."""
    query = sa.select(BankAccount).where(BankAccount.iban == iban.replace(" ", "").upper())
    order = (BankAccount.closed_at.is_(None).desc(), BankAccount.closed_at.desc())
    return session.scalars(query.order_by(*order).limit(1)).first()


def find_by_stated(account: str) -> BankAccount | None:
    """Find the account that a statement names: by IBAN, else by German bank code and account number.

    Some banks cut the bank code short: it must begin what ours is, and only one of our accounts may fit.
    """
    found = find_by_iban(account)
    if found is not None:
        return found
    digits = re.fullmatch(r"\D*([0-9]{5,8})\D+([0-9]{1,10})\D*", account)
    if digits is None:
        return None
    number = digits[2].zfill(10)
    query = sa.select(BankAccount).where(BankAccount.iban.like(f"DE__{digits[1]}%{number}"))
    rows = list(session.scalars(query.order_by(BankAccount.closed_at.is_(None).desc(), BankAccount.closed_at.desc())))
    return rows[0] if len({row.iban for row in rows}) == 1 else None


def list_open_accounts(organisation_ids: set[UUID] | None = None) -> list[BankAccount]:
    """Open accounts of these organisations (None: of all), by holder."""
    query = sa.select(BankAccount).where(BankAccount.closed_at.is_(None))
    if organisation_ids is not None:
        query = query.where(BankAccount.organisation_id.in_(organisation_ids))
    return list(session.scalars(query.order_by(BankAccount.holder, BankAccount.id)))


def record_account(
    organisation_id: UUID, *, iban: str, holder: str, purpose: AccountPurpose = AccountPurpose.TRUST
) -> UUID:
    """Record an issuer's account and give back its id; another one before it is closed, the same changes nothing.

    Refuses IBANs that cannot be, a holder's name of no or more than 70 letters, organisations that issue nothing, and
    an IBAN that is another issuer's.
    """
    organisation = lock_one(Organisation, organisation_id)
    if organisation.kind != OrganisationKind.ISSUER:
        raise errors.not_an_issuer()
    checked, bic, bank_name = check_iban(iban)
    name = " ".join(holder.split())
    if not 1 <= len(name) <= MAX_HOLDER_CHARS:
        raise account_holder_missing()
    before = find_open_account(organisation_id, purpose)
    if before and (before.iban, before.holder) == (checked, name):
        return before.id
    other = find_by_iban(checked)
    if other and other.closed_at is None and other.organisation_id != organisation_id:
        raise errors.iban_taken()
    if before:
        before.closed_at = now()
        session.flush()
    made = BankAccount(
        organisation_id=organisation_id, purpose=purpose, iban=checked, bic=bic, bank_name=bank_name, holder=name
    )
    session.add(made)
    session.flush()
    audit.record("bank.account_recorded", "bank_account", made.id, issuer=str(organisation_id), last4=checked[-4:])
    return made.id


def check_iban(text: str, field: str = "iban") -> tuple[str, str, str]:
    """IBAN without spaces, BIC and bank's name (empty where unknown). Refuses (`Invalid`) what cannot be an IBAN."""
    try:
        iban = schwifty.IBAN(text.strip()[: MAX_IBAN_CHARS + 1])
    except SchwiftyException as error:
        raise errors.iban_wrong(field) from error
    return iban.compact, str(iban.bic or ""), str(iban.bank_name or "")


def group_iban(iban: str) -> str:
    """Group an IBAN as people read it, by four."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
