"""Proof by mail: new secrets for a lost telephone or paper, and unlocking a code after wrong PINs.

Whoever asks always reads the same, and the request always does the same: it queues one job. What the job finds, only
the holder's mailbox learns. Decision 0312.
"""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation import audit, links, mail
from foundation.database import session
from foundation.errors import link_used_up
from foundation.jobs import enqueue, job
from foundation.security import decrypt, encrypt
from vouchers.stored_value import access, codes, holder_view
from vouchers.stored_value.models import Programme, Voucher
from vouchers.wallet import blocking, claiming, mails, queries, transfer
from vouchers.wallet.claiming import LOCK_IF_CURRENT

RENEW, UNLOCK, HOLDER = "wallet-renew", "wallet-unlock", "wallet-holder"
LINK_TTL_HOURS = 2
MAX_MAILS_PER_HOUR, MAILS_AGE = 3, timedelta(hours=1)


def request_renewal(email: str) -> None:
    """Queue links to new secrets for the holder of this address. Refuses only what is no address (`Invalid`)."""
    enqueue(send_renewal_links, sealed=encrypt(mail.normalise_address(email).encode()).decode())


def request_unlocking(code: str) -> None:
    """Queue a link for the holder of this typed code, if it is locked and the holder's address is known."""
    enqueue(send_unlocking_link, sealed=encrypt((codes.read_code(code) or "").encode()).decode())


@job("vouchers.send_renewal_links")
def send_renewal_links(sealed: str) -> None:
    """Send one mail with a link for each voucher of the address, or none."""
    email = decrypt(sealed.encode()).decode()
    found = queries.list_vouchers_at(email)
    if not found or mail.count_recent(email, mails.PROOF, MAILS_AGE) >= MAX_MAILS_PER_HOUR:
        return  # whoever asks again has links that still hold: a stranger fills nobody's mailbox
    address = queries.find_address(found[0].id)
    rows = [(session.get_one(Programme, v.programme_id), v.last4, sign_link(RENEW, v)) for v in found]
    mails.send_proof_links(email, address.language if address else "de", rows, LINK_TTL_HOURS)


@job("vouchers.send_unlocking_link")
def send_unlocking_link(sealed: str) -> None:
    """Send a mail to the holder whom we know, if the code is locked."""
    code = decrypt(sealed.encode()).decode()
    query = sa.select(Voucher).where(Voucher.code_hash == codes.hash_code(code), Voucher.locked_at.is_not(None))
    voucher = session.scalars(query).one_or_none()
    address = queries.find_address(voucher.id) if voucher else None
    if voucher and address and mail.count_recent(address.email, mails.UNLOCK, MAILS_AGE) < MAX_MAILS_PER_HOUR:
        programme = session.get_one(Programme, voucher.programme_id)
        mails.send_unlock_link(address.email, address.language, programme, sign_link(UNLOCK, voucher), LINK_TTL_HOURS)


def load_linked_voucher(purpose: str, link: str) -> Voucher:
    """Load the voucher of a link by mail. Refuses (`NotFound`) old links and those of secrets that changed."""
    voucher_id, print_ = links.unsign(purpose, link, LINK_TTL_HOURS * 3600).split("|")
    voucher = session.get(Voucher, UUID(voucher_id), populate_existing=True)
    if voucher is None or _fingerprint(voucher) != print_:
        raise link_used_up()
    return voucher


def renew_by_link(link: str) -> None:
    """Make new secrets and mail them to the holder: old link, code and QR stop working at once. The value stays.

    A voucher of a wallet stays in it, with a new rotating code. What its holder had blocked is open again.
    """
    voucher = load_linked_voucher(RENEW, link)
    address = queries.find_address(voucher.id)
    item = queries.find_item(voucher.id)
    if address is None or not session.scalar(LOCK_IF_CURRENT, {"voucher": voucher.id, "secret": voucher.token_hash}):
        raise link_used_up()
    key = f"{_fingerprint(voucher)}:{voucher.version}"
    if blocking.can_unblock(voucher.id):
        blocking.unblock(voucher.id, actor_id=voucher.id, key=key)
    made = access.renew(voucher.id, actor_id=voucher.id, key=f"proof:{key}", reason="proof by mail")
    if item:
        claiming.store_item(item.person_id, voucher.id, made.token)
    else:
        view = holder_view.view_voucher(session.get_one(Voucher, voucher.id, populate_existing=True))
        mails.send_voucher(view, made, to=address.email, language=address.language)
        transfer.store_contact(voucher.id, address.email, address.language)
    audit.record("voucher.renewed_by_proof", "voucher", voucher.id)


def unlock_by_link(link: str) -> None:
    """Let the typed code be used with its PIN again. A second press changes nothing."""
    voucher = load_linked_voucher(UNLOCK, link)
    access.unlock(voucher.id, actor_id=voucher.id, key=f"unlock:{link[-40:]}", reason="proof by mail")
    audit.record("voucher.unlocked_by_proof", "voucher", voucher.id)


def sign_holding(voucher_id: UUID) -> str:
    """Sign that somebody was shown this voucher's page: good for two hours, as long as it keeps its secrets."""
    return sign_link(HOLDER, session.get_one(Voucher, voucher_id))


def sign_link(purpose: str, voucher: Voucher) -> str:
    """Sign something that stands for this voucher as long as it keeps its secrets, for two hours."""
    return links.sign(purpose, f"{voucher.id}|{_fingerprint(voucher)}", timed=True)


def _fingerprint(voucher: Voucher) -> str:
    """Make a word that changes whenever the secrets do and says nothing about them."""
    return voucher.token_hash[:8].hex()
