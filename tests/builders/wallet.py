"""Persons with wallets and vouchers in them."""

from uuid import UUID, uuid4

from foundation.database import session, transact
from foundation.security import decrypt
from people import persons
from people.models import Person
from tests.builders import vouchers as build
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme
from vouchers.wallet import claiming, rotating_code
from vouchers.wallet.models import WalletItem


def person(language: str = "de") -> Person:
    """Somebody with a mail address; committed."""

    def make() -> Person:
        made = persons.create(email=f"{uuid4().hex}@example.org", name="Karin", confirmed=True)
        made.language = language
        return made

    found: Person = transact(make)
    return found


def claimed(owner: Person, given: Issued) -> UUID:
    """A voucher put into a wallet by its token; the item's id. Committed."""
    item_id: UUID = transact(claiming.claim, owner.id, given.token, "", key=uuid4().hex)
    return item_id


def wallet(cents: int = 100_00) -> tuple[Person, build.Shop, Programme, Issued, UUID]:
    """Somebody with one voucher in the wallet, and a shop that takes it."""
    programme, shop, given = build.scene(cents)
    owner = person()
    return owner, shop, programme, given, claimed(owner, given)


def code_of(item_id: UUID) -> str:
    """What the telephone shows at this moment."""
    item = session.get_one(WalletItem, item_id, populate_existing=True)
    assert item.totp
    return rotating_code.build_code(item.handle, decrypt(item.totp).decode())
