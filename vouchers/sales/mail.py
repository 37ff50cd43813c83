"""The letters about a sale."""

from foundation import mail
from foundation.languages import _, force_locale
from money.amount import euro
from vouchers.issuing import Issued
from vouchers.models import Programme
from vouchers.sales import addresses, documents, queries
from vouchers.sales.models import VoucherSale


def confirm(sale: VoucherSale) -> None:
    """To the buyer, when the money is certain: order, price, no VAT and why, withdrawal, and what happens now."""
    programme = queries.programme(sale.programme_id)
    with force_locale(sale.language):
        subject = _("Ihre Bestellung %(number)s: %(programme)s", number=sale.number, programme=programme.name)
        paper, file = documents.receipt(programme, sale), f"{_('Bestellung')}-{sale.number}.pdf"
    mail.send(
        to=sale.buyer_email,
        template="vouchers/confirmation",
        subject=subject,
        language=sale.language,
        attachments=[mail.Attachment(file, "application/pdf", paper)],
        sale=sale,
        programme=programme,
        issuer=programme.issuer,
        link=addresses.order_page(sale.id),
    )


def hand_over(programme: Programme, sale: VoucherSale, secrets: Issued) -> None:
    """To who shall have the voucher, in their language: link, code, PIN and the sheet to print."""
    language = sale.recipient_language if sale.gift else sale.language
    with force_locale(language):
        amount, sheet = euro(sale.cents), f"{_('Gutschein')}.pdf"
        paper = documents.voucher_paper(programme, sale, secrets)
        if sale.gift:
            giver = sale.buyer_name or _("jemandem, der an Sie denkt")
            subject = _("Ein Gutschein über %(amount)s von %(giver)s", amount=amount, giver=giver)
        else:
            subject = _("Ihr Gutschein über %(amount)s", amount=amount)
    mail.send(
        to=sale.recipient_email or sale.buyer_email if sale.gift else sale.buyer_email,
        template="vouchers/voucher",
        subject=subject,
        language=language,
        attachments=[mail.Attachment(sheet, "application/pdf", paper)],
        sale=sale,
        programme=programme,
        secrets=secrets,
        link=addresses.voucher_page(secrets.token),
    )
