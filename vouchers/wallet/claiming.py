"""Claiming: a voucher on paper or in a mail goes into a wallet, and its old code is worth nothing any more.

Decision 0312.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit
from foundation.clock import now
from foundation.database import session, uuid7
from foundation.security import encrypt
from vouchers.stored_value import access, codes, holder_view
from vouchers.stored_value.errors import no_voucher
from vouchers.stored_value.models import Voucher, VoucherOperation
from vouchers.stored_value.states import SPENDABLE
from vouchers.wallet import errors, rotating_code
from vouchers.wallet.models import VoucherContact, WalletItem

MAX_WALLET_ITEMS = 100
MAX_LABEL_CHARACTERS = 60
LOCK_IF_CURRENT = sa.text("SELECT voucher_is_credential_current(:voucher, :secret)")


def claim(person_id: UUID, presented: str, pin: str, *, key: str) -> UUID:
    """Put the voucher of a token, link, or code with PIN into the person's wallet; the item's id.

    Token, code and PIN are renewed in the same transaction; the new token is kept encrypted in the item alone. Refuses
    unknown and wrong ones in one sentence (`NotFound`), so also whoever comes second; blocked and ended ones, and
    more than a hundred in one wallet. A repeated key gives the same item again.
    """
    if earlier := _find_claimed(person_id, key):
        return earlier
    voucher_id, secret = _find_presented(presented, pin)
    _check_room(person_id)
    if not session.scalar(LOCK_IF_CURRENT, {"voucher": voucher_id, "secret": secret}):
        raise no_voucher()
    state = session.scalar(sa.select(Voucher.state).where(Voucher.id == voucher_id))
    if state not in SPENDABLE:
        raise errors.not_claimable()
    made = access.renew(voucher_id, actor_id=person_id, key=f"claim:{key}", reason="claim")
    return store_item(person_id, voucher_id, made.token)


def store_item(person_id: UUID, voucher_id: UUID, token: str) -> UUID:
    """Write the item of a token that was just made. It leaves any other wallet that it was in."""
    remove_item(voucher_id)
    session.execute(sa.delete(VoucherContact).where(VoucherContact.voucher_id == voucher_id))
    item = WalletItem(
        id=uuid7(),
        person_id=person_id,
        voucher_id=voucher_id,
        handle=rotating_code.make_handle(),
        token=encrypt(token.encode()),
        totp=encrypt(rotating_code.make_totp_secret().encode()),
    )
    session.add(item)
    session.flush()
    audit.record("wallet.claim", "voucher", voucher_id, item=str(item.id))
    return item.id


def remove_item(voucher_id: UUID) -> None:
    """Take the voucher out of every wallet; the item's secrets are gone for good."""
    session.execute(
        sa.update(WalletItem)
        .where(WalletItem.voucher_id == voucher_id, WalletItem.removed_at.is_(None))
        .values(removed_at=now(), token=None, totp=None)
    )


def renew_codes(person_id: UUID) -> int:
    """Make new secrets for the rotating codes of a whole wallet; return how many. Other devices are refused at once."""
    query = sa.select(WalletItem).where(WalletItem.person_id == person_id, WalletItem.removed_at.is_(None))
    items = session.scalars(query.with_for_update()).all()
    for item in items:
        item.handle, item.totp = rotating_code.make_handle(), encrypt(rotating_code.make_totp_secret().encode())
        item.wrong_codes, item.wrong_since = 0, None
    audit.record("wallet.renew_codes", "person", person_id, items=len(items))
    return len(items)


def rename_item(item: WalletItem, label: str) -> None:
    """Set the holder's own name for a voucher; nothing takes it away. Refuses more than 60 characters."""
    cleaned = " ".join(label.split())
    if len(cleaned) > MAX_LABEL_CHARACTERS or not (cleaned or "x").isprintable():
        raise errors.label_too_long()
    item.label = cleaned


def _find_presented(presented: str, pin: str) -> tuple[UUID, bytes]:
    """Find the voucher and the hash by which it was found."""
    token = codes.read_token(presented)
    if token:
        hashed = codes.hash_token(token)
        found = session.scalar(sa.select(Voucher.id).where(Voucher.token_hash == hashed))
    else:
        hashed = codes.hash_code(codes.read_code(presented) or "")
        found = holder_view.find_by_code_and_pin(presented, pin)
    if found is None:
        raise no_voucher()
    return found, hashed


def _find_claimed(person_id: UUID, key: str) -> UUID | None:
    return session.scalar(
        sa.select(WalletItem.id)
        .join(VoucherOperation, VoucherOperation.voucher_id == WalletItem.voucher_id)
        .where(
            VoucherOperation.actor_id == person_id,
            VoucherOperation.key == f"claim:{key}",
            WalletItem.person_id == person_id,
            WalletItem.removed_at.is_(None),
        )
    )


def _check_room(person_id: UUID) -> None:
    query = sa.select(sa.func.count()).where(WalletItem.person_id == person_id, WalletItem.removed_at.is_(None))
    if (session.scalar(query) or 0) >= MAX_WALLET_ITEMS:
        raise errors.wallet_full()
