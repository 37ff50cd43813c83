"""Passing on: a voucher goes from its holder to somebody else by mail, with new secrets; and merging two into one.

Decision 0312.
"""

from uuid import UUID

import sqlalchemy as sa

from foundation import audit, mail
from foundation.clock import now
from foundation.database import session
from foundation.languages import LANGUAGES
from vouchers.purchases import wording
from vouchers.stored_value import access, codes, deductions, holder_view
from vouchers.stored_value.models import Voucher, VoucherOperation
from vouchers.stored_value.states import SPENDABLE
from vouchers.wallet import claiming, errors, mails, queries
from vouchers.wallet.claiming import LOCK_IF_CURRENT
from vouchers.wallet.models import VoucherContact, WalletItem
from vouchers.wallet.queries import ItemView

MAX_GREETING_CHARACTERS = 400
MAX_NAME_CHARACTERS = 80


def pass_on(item: ItemView, *, to: str, greeting: str, giver: str, language: str, key: str) -> None:
    """Give a voucher of a wallet to the person of a mail address, in their language, with a greeting.

    New secrets are made and mailed, the item leaves the wallet, the address becomes the holder's. Refuses a wrong
    address, a greeting of more than 400 characters, words about VAT, and vouchers on which nothing can be spent.
    """
    if _is_done(item, key):
        return
    address = mail.normalise_address(to)
    if len(greeting) > MAX_GREETING_CHARACTERS or len(giver) > MAX_NAME_CHARACTERS:
        raise errors.greeting_too_long()
    greeting, giver = wording.clean_text(greeting, field="greeting"), wording.clean_text(giver, field="giver")
    if language not in LANGUAGES:
        raise errors.language_unknown()
    require_held(item.item)
    state = session.scalar(sa.select(Voucher.state).where(Voucher.id == item.item.voucher_id))
    if state not in SPENDABLE or not item.view.balance_cents:
        raise errors.not_passable()
    made = access.renew(
        item.item.voucher_id, actor_id=item.item.person_id, key=f"pass:{key}", reason=holder_view.PASSED_ON
    )
    claiming.remove_item(item.item.voucher_id)
    store_contact(item.item.voucher_id, address, language)
    mails.send_voucher(item.view, made, to=address, language=language, giver=giver, greeting=greeting)
    audit.record("wallet.pass_on", "voucher", item.item.voucher_id)


def merge_items(source: ItemView, target: ItemView, *, key: str) -> int:
    """Put everything of one voucher of a wallet onto another of the same programme; gives the cents. Lots stay lots.

    Refuses what `deductions.merge` refuses: another programme, blocked ones, something held, too much on one voucher.
    """
    for item in sorted((source.item, target.item), key=lambda item: item.voucher_id):
        require_held(item)
    cents = deductions.merge(
        source.item.voucher_id,
        target.item.voucher_id,
        actor_id=source.item.person_id,
        key=f"merge:{key}",
        reason="merge by holder",
    )
    claiming.remove_item(source.item.voucher_id)
    audit.record("wallet.merge", "voucher", target.item.voucher_id, source=str(source.item.voucher_id))
    return cents


def require_held(item: WalletItem) -> None:
    """Refuse when the item's token is not the voucher's any more. Until the transaction ends nobody changes that."""
    token = queries.read_token(item) or ""
    if not session.scalar(LOCK_IF_CURRENT, {"voucher": item.voucher_id, "secret": codes.hash_token(token)}):
        raise errors.left_wallet()


def store_contact(voucher_id: UUID, email: str, language: str) -> None:
    """Note where the holder can be reached from now on."""
    session.merge(VoucherContact(voucher_id=voucher_id, email=email, language=language, since=now()))


def _is_done(item: ItemView, key: str) -> bool:
    query = sa.select(VoucherOperation.id).where(
        VoucherOperation.actor_id == item.item.person_id, VoucherOperation.key == f"pass:{key}"
    )
    return session.scalar(query) is not None
