"""The mails about an order and its vouchers. Decision 0310."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foundation import audit, clock, mail
from foundation.errors import Invalid
from foundation.languages import _, force_locale
from money.amount import euro
from people.models import Organisation
from vouchers.purchases import links, queries
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.papers import typeset_voucher
from vouchers.sales import conditions, papers
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme

PDF = "application/pdf"


@dataclass(frozen=True)
class IssuerPart:
    """What one issuer sold in an order: a contract for each sale."""

    issuer: Organisation
    lines: list[tuple[VoucherSale, Programme]]

    @property
    def cents(self) -> int:
        """The sum of the face values of these contracts."""
        return sum(sale.cents for sale, _programme in self.lines)


def group_by_issuer(sales: Sequence[VoucherSale]) -> list[IssuerPart]:
    """Group the lines of an order, issuer by issuer, in the buyer's order."""
    found: dict[object, IssuerPart] = {}
    for sale in sales:
        programme = queries.load_programme(sale.programme_id)
        sold = found.setdefault(programme.issuer_id, IssuerPart(programme.issuer, []))
        sold.lines.append((sale, programme))
    return list(found.values())


def send_confirmation(order: VoucherOrder, sales: Sequence[VoucherSale]) -> None:
    """Confirm to the buyer, when the money is certain: issuer by issuer what was bought, no VAT and why.

    With it the buyer is told about the withdrawal: the 14 days can run from now on.
    """
    sold = group_by_issuer(sales)
    with force_locale(order.language):
        if len(sales) == 1:
            programme = sold[0].lines[0][1]
            subject = _("Ihre Bestellung %(number)s: %(programme)s", number=sales[0].number, programme=programme.name)
        else:
            subject = _("Ihre Bestellung %(number)s: %(n)s Gutscheine", number=order.number, n=len(sales))
        attachments = [*_attach_receipts(order, sold), *_attach_conditions(sales)]
    mail.send(
        to=order.buyer_email,
        template="vouchers/confirmation",
        subject=subject,
        language=order.language,
        attachments=attachments,
        order=order,
        sales=sales,
        sold=sold,
        total=sum(sale.cents for sale in sales),
        link=links.build_order_url(order.id),
    )
    for sale in sales:
        sale.instructed_at = clock.now()


def _attach_receipts(order: VoucherOrder, sold: list[IssuerPart]) -> list[mail.Attachment]:
    made = []
    for place, part in enumerate(sold, 1):
        lines = [(sale.number, programme.name, sale.cents) for sale, programme in part.lines]
        number = lines[0][0] if len(lines) == 1 else order.number
        file = f"{_('Beleg')}-{number}{f'-{place}' if len(lines) > 1 and len(sold) > 1 else ''}.pdf"
        made.append(mail.Attachment(file, PDF, papers.typeset_receipt(order, part.issuer, lines)))
    return made


def _attach_conditions(sales: Sequence[VoucherSale]) -> list[mail.Attachment]:
    """Attach one paper for each text that was agreed."""
    agreed: dict[str, Programme] = {}
    for sale in sales:
        programme = queries.load_programme(sale.programme_id)
        agreed.setdefault(conditions.load_agreed_text(sale.terms_hash), programme)
    return [
        mail.Attachment(f"{_('Bedingungen')}-{programme.slug}.pdf", PDF, papers.typeset_conditions(programme, text))
        for text, programme in agreed.items()
    ]


def send_voucher(programme: Programme, sale: VoucherSale, secrets: Issued) -> None:
    """Send the voucher to its recipient, in their language: link, code, PIN and the sheet to print.

    To print at home means: the buyer gets it, and the sheet is in the language of who will hold it.
    """
    gift = sale.is_mailed_gift
    language = sale.recipient_language if gift else sale.language
    with force_locale(sale.recipient_language if sale.gift else sale.language):
        paper, sheet = typeset_voucher(programme, sale, secrets), f"{_('Gutschein')}.pdf"
    with force_locale(language):
        amount = euro(sale.cents)
        if gift:
            giver = sale.buyer_name or _("jemandem, der an Sie denkt")
            subject = _("Ein Gutschein über %(amount)s von %(giver)s", amount=amount, giver=giver)
        elif sale.is_printed_by_buyer:
            subject = _("Ihr Gutschein über %(amount)s zum Ausdrucken", amount=amount)
        else:
            subject = _("Ihr Gutschein über %(amount)s", amount=amount)
    mail.send(
        to=sale.recipient_email or sale.buyer_email if gift else sale.buyer_email,
        template="vouchers/voucher",
        subject=subject,
        language=language,
        attachments=[mail.Attachment(sheet, PDF, paper)],
        sale=sale,
        gift=gift,
        programme=programme,
        secrets=secrets,
        link=links.build_voucher_url(secrets.token),
    )


def send_return_notice(order: VoucherOrder, sales: Sequence[VoucherSale]) -> None:
    """Tell the buyer that the money came when nothing could be sold for it any more."""
    with force_locale(order.language):
        subject = _("Ihr Geld geht zurück: Bestellung %(number)s", number=order.number)
    mail.send(
        to=order.buyer_email,
        template="vouchers/returned",
        subject=subject,
        language=order.language,
        order=order,
        total=sum(sale.cents for sale in sales),
    )


def send_money_lost(sale: VoucherSale, cents: int) -> None:
    """Tell the buyer that the bank took the money back and `cents` were taken out of the voucher for it."""
    _send_to_buyer(
        sale, "money_lost", lambda: _("Zahlung zurückgeholt: Gutschein %(number)s", number=sale.number), cents
    )


def send_money_back(sale: VoucherSale, cents: int) -> None:
    """Tell the buyer that the money returned and `cents` are on the voucher again."""
    _send_to_buyer(sale, "money_back", lambda: _("Wieder gut: Gutschein %(number)s", number=sale.number), cents)


def _send_to_buyer(sale: VoucherSale, template: str, subject: Callable[[], str], cents: int) -> None:
    """What the payer's bank did is booked, whatever an address is worth."""
    programme = queries.load_programme(sale.programme_id)
    with force_locale(sale.language):
        title = subject()
    try:
        mail.send(
            to=sale.buyer_email,
            template=f"vouchers/{template}",
            subject=title,
            language=sale.language,
            sale=sale,
            programme=programme,
            cents=cents,
            link=links.build_order_url(sale.order_id),
        )
    except Invalid:
        audit.record("mail.address_wrong", "voucher_sale", sale.id)
