"""Orders of vouchers: wishes, the money as payments book it, and the letters that went out."""

import email
import email.policy
import io
from typing import Any
from uuid import UUID, uuid4

import pypdf
import sqlalchemy as sa

from foundation.database import session, transact, uuid7
from foundation.models import OutgoingMail
from foundation.security import decrypt, keyed_hash
from money.bank import accounts
from tests.builders.bank import account_of, came
from tests.builders.ledger import JournalDocument, JournalLine, write
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.sales import conditions, delivery, drafts, ordering, requests
from vouchers.sales.payable import VoucherOrderPayable
from vouchers.stored_value.models import Programme


def wanted(programme: Programme, **changes: Any) -> requests.VoucherRequest:
    """A wish of 42.50 € of a buyer of its own."""
    values: dict[str, Any] = {"programme_id": programme.id, "cents": 4250, "buyer_email": f"{uuid4().hex}@example.org"}
    return requests.VoucherRequest(**(values | changes))


def pay(order_id: UUID) -> UUID:
    """The money of an order arrives, as payments book it in each issuer's ledger; the order is told and confirmed."""
    payment_id = uuid7()

    def arrive() -> None:
        for each in queries.list_sales(order_id):  # drafts that a test pays without ordering agreed to nothing yet
            programme = queries.load_programme(each.programme_id)
            each.terms_hash = each.terms_hash or conditions.store_text(programme, each.language)
        sums: dict[UUID, int] = {}
        for share in VoucherOrderPayable().load_due(order_id).shares:
            sums[share.organisation_id] = sums.get(share.organisation_id, 0) + share.cents
        for ledger, cents in sums.items():
            line = JournalLine("PSP", "KZ", cents, credit_party=payment_id)
            write(JournalDocument(uuid7(), payment_id, ledger, "payment.captured"), [line])
        VoucherOrderPayable().on_secured(order_id, payment_id)

    transact(arrive)
    transact(delivery.confirm_order, str(order_id))
    return payment_id


def sale(sale_id: UUID) -> VoucherSale:
    """The sale as it is now."""
    session.expire_all()
    found: VoucherSale = session.get_one(VoucherSale, sale_id)
    return found


def order(order_id: UUID) -> VoucherOrder:
    """The order as it is now."""
    session.expire_all()
    found: VoucherOrder = session.get_one(VoucherOrder, order_id)
    return found


def lines(order_id: UUID) -> list[VoucherSale]:
    """The order's sales as they are now."""
    session.expire_all()
    return queries.list_sales(order_id)


def mails(template: str, to: str | None = None) -> list[email.message.EmailMessage]:
    """Letters of a kind that wait in the outbox, the newest first; to one address, if it is given."""
    query = sa.select(OutgoingMail).where(OutgoingMail.template == template).order_by(OutgoingMail.id.desc())
    if to:
        query = query.where(OutgoingMail.recipient_hash == keyed_hash("mail", to.lower()))
    rows = [row.message for row in session.scalars(query) if row.message]
    return [email.message_from_bytes(decrypt(raw), policy=email.policy.default) for raw in rows]


def last_mail(template: str, to: str | None = None) -> email.message.EmailMessage:
    """The newest letter of a kind."""
    return mails(template, to)[0]


def text_of(message: email.message.EmailMessage) -> str:
    """Its plain text."""
    part = message.get_body(("plain",))
    assert part
    return str(part.get_content())


def html_of(message: email.message.EmailMessage) -> str:
    """Its HTML."""
    part = message.get_body(("html",))
    assert part
    return str(part.get_content())


def pdf_text(paper: bytes) -> str:
    """What can be read in a PDF."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)


def papers_of(message: email.message.EmailMessage) -> list[tuple[str, str]]:
    """The PDFs of a letter: (name, text)."""
    found = [part for part in message.iter_attachments() if part.get_content_type() == "application/pdf"]
    return [(str(part.get_filename()), pdf_text(part.get_content())) for part in found]


def line_after(letter: str, words: str) -> str:
    """What stands behind these words in a line of a letter."""
    return next(line.removeprefix(words) for line in letter.splitlines() if line.startswith(words))


def link_in(letter: str) -> str:
    """The address with the token in a letter."""
    return next(word for word in letter.split() if "/g#" in word)


def paid(programme: Programme, cents: int = 42_50, **changes: Any) -> UUID:
    """A sale that was really paid, by bank transfer to its issuer's account, and delivered; gives the sale's id."""
    if accounts.find_open_account(programme.issuer_id) is None:
        account_of(programme.issuer_id)
    sale_id = transact(drafts.draft_sale, wanted(programme, cents=cents, **changes))
    payment = transact(ordering.place_order, sale_id, method="transfer", shown_cents=cents)
    came(payment, cents)
    transact(delivery.confirm_order, str(sale_id))
    transact(delivery.deliver_sale, str(sale_id))
    return sale_id
