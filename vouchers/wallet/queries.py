"""What lies in a wallet, and where the holder of a voucher can be reached. Decision 0312."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from cryptography.fernet import InvalidToken

from foundation.database import session
from foundation.security import decrypt
from people.models import Person
from vouchers.purchases import queries as sales
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value import codes, holder_view
from vouchers.stored_value.holder_view import HolderView
from vouchers.stored_value.models import Voucher
from vouchers.stored_value.states import VoucherState
from vouchers.wallet import errors
from vouchers.wallet.models import VoucherContact, WalletItem


@dataclass(frozen=True)
class ItemView:
    """An item with its voucher as the holder sees it. `design` and `picture` are the face that the buyer chose."""

    item: WalletItem
    view: HolderView
    design: str
    picture: str | None

    @property
    def name(self) -> str:
        """The holder's own name for it, else the programme's."""
        return self.item.label or self.view.programme.name


@dataclass(frozen=True)
class HolderAddress:
    """Where a holder can be reached."""

    email: str
    language: str


def is_current(item: WalletItem, voucher: Voucher) -> bool:
    """Whether the item's token is still the voucher's: it is not once somebody has proven to be the holder instead."""
    token = read_token(item)
    return token is not None and codes.hash_token(token) == voucher.token_hash


def read_token(item: WalletItem) -> str | None:
    """Read the item's token; nothing when it is gone, or was encrypted with a key that is no more."""
    try:
        return decrypt(item.token).decode() if item.token else None
    except InvalidToken:
        return None


def list_items(person_id: UUID) -> list[ItemView]:
    """List what is in a person's wallet, the newest first; what got new secrets elsewhere is not in it any more."""
    query = (
        sa.select(WalletItem, Voucher)
        .join(Voucher, Voucher.id == WalletItem.voucher_id)
        .where(WalletItem.person_id == person_id, WalletItem.removed_at.is_(None))
        .order_by(WalletItem.added_at.desc(), WalletItem.id.desc())
        .execution_options(populate_existing=True)
    )
    rows = session.execute(query).all()
    return [_view_item(item, voucher, history=False) for item, voucher in rows if is_current(item, voucher)]


def load_item(person_id: UUID, item_id: UUID) -> ItemView:
    """Load one voucher of a person's wallet. Refuses (`NotFound`) those of others and those that left it."""
    item = session.get(WalletItem, item_id, populate_existing=True)
    voucher = session.get(Voucher, item.voucher_id, populate_existing=True) if item else None
    if item is None or voucher is None or item.person_id != person_id or not is_current(item, voucher):
        raise errors.not_in_wallet()
    return _view_item(item, voucher)


def find_item(voucher_id: UUID) -> WalletItem | None:
    """Find the item in which a voucher lies, if its holder has put it into a wallet. Also one that is not readable."""
    query = (
        sa.select(WalletItem, Voucher)
        .join(Voucher, Voucher.id == WalletItem.voucher_id)
        .where(WalletItem.voucher_id == voucher_id, WalletItem.removed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    item, voucher = row
    return item if is_current(item, voucher) or read_token(item) is None else None


def find_address(voucher_id: UUID) -> HolderAddress | None:
    """Find the holder's mail address: of the wallet it lies in, else the one it was passed on to, else of its sale.

    For a gift that is the recipient's: whoever gave it away must not get it back.
    """
    item = find_item(voucher_id)
    if item:
        person = session.get_one(Person, item.person_id)
        return HolderAddress(person.email, person.language)
    contact = session.get(VoucherContact, voucher_id, populate_existing=True)
    if contact:
        return HolderAddress(contact.email, contact.language)
    sale = session.scalars(sa.select(VoucherSale).where(VoucherSale.voucher_id == voucher_id)).one_or_none()
    if sale is None:
        return None
    if sale.gift and sale.recipient_email:
        return HolderAddress(sale.recipient_email, sale.recipient_language)
    return HolderAddress(sale.buyer_email, sale.language)


def list_vouchers_at(email: str, maximum: int = 50) -> Sequence[Voucher]:
    """List the vouchers whose holder is reached there and that can still be renewed, the newest first."""
    wanted = email.lower()
    by_sale = sa.select(VoucherSale.voucher_id).where(
        VoucherSale.voucher_id.is_not(None),
        sa.or_(sa.func.lower(VoucherSale.buyer_email) == wanted, sa.func.lower(VoucherSale.recipient_email) == wanted),
    )
    by_contact = sa.select(VoucherContact.voucher_id).where(sa.func.lower(VoucherContact.email) == wanted)
    by_wallet = (
        sa.select(WalletItem.voucher_id)
        .join(Person, Person.id == WalletItem.person_id)
        .where(sa.func.lower(Person.email) == wanted, WalletItem.removed_at.is_(None))
    )
    query = (
        sa.select(Voucher)
        .where(
            Voucher.id.in_(sa.union(by_sale, by_contact, by_wallet).scalar_subquery()),
            Voucher.state.in_((VoucherState.ACTIVE, VoucherState.BLOCKED, VoucherState.EXHAUSTED)),
        )
        .order_by(Voucher.issued_at.desc(), Voucher.id)
        .limit(maximum)
    )
    found = session.scalars(query).all()
    return [v for v in found if (at := find_address(v.id)) and at.email.lower() == wanted]


def _view_item(item: WalletItem, voucher: Voucher, *, history: bool = True) -> ItemView:
    view = holder_view.view_voucher(voucher, history=history)
    design = sales.find_design(voucher.id) or view.programme.design
    return ItemView(item, view, design, sales.find_picture_path(voucher.id))
