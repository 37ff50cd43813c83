"""The papers about a sale as PDF: the letter with its card, the receipt, the conditions. Decision 0310."""

from collections.abc import Sequence

from foundation import clock
from foundation.languages import _, show_date
from money.amount import euro
from people.models import Organisation
from vouchers.purchases.models import VoucherOrder, VoucherSale
from vouchers.purchases.papers import collect_voucher_fields, load_pictures, typeset
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme


def typeset_letter(programme: Programme, sale: VoucherSale, secrets: Issued) -> bytes:
    """Typeset the letter with its card for a window envelope (DIN 5008, form B): address above, card below (A4)."""
    values = collect_voucher_fields(programme, sale, secrets, None)
    issuer = programme.issuer
    values |= {
        "sender": f"{issuer.legal_name} · {issuer.street} · {issuer.postcode} {issuer.town}",
        "address": [line for line in (sale.recipient_name, sale.street, sale.town_line) if line],
        "date": f"{issuer.town}, {show_date(clock.today())}",
        "hello": _("Guten Tag,"),
        "told": (
            _("%(giver)s schenkt Ihnen diesen Gutschein.", giver=sale.buyer_name)
            if sale.buyer_name
            else _("hier ist ein Gutschein für Sie.")
        ),
        "open": _("Der QR-Code führt zu Ihrem Guthaben. Wer ihn hat, kann den Gutschein einlösen."),
    }
    return typeset("letter.typ", values, load_pictures(sale.design, secrets.voucher_id))


def typeset_receipt(order: VoucherOrder, issuer: Organisation, lines: Sequence[tuple[str, str, int]]) -> bytes:
    """Typeset the paper about what one issuer sold: (number, programme, cents) a sale.

    It names no VAT: a multi-purpose voucher is not taxed when sold (§ 3 Abs. 15 UStG).
    """
    address = [issuer.legal_name, issuer.street, f"{issuer.postcode} {issuer.town}", issuer.email, issuer.phone]
    return typeset(
        "receipt.typ",
        {
            "number": order.number,
            "date": show_date(order.paid_at or clock.now()),
            "issuer": address,
            "buyer": [line for line in (order.buyer_name, order.buyer_email) if line],
            "lines": [[name, number, euro(cents)] for number, name, cents in lines],
            "amount": euro(sum(cents for _number, _name, cents in lines)),
            "words": {
                "title": (
                    _("Beleg über den Kauf eines Gutscheins")
                    if len(lines) == 1
                    else _("Beleg über den Kauf von Gutscheinen")
                ),
                "number": _("Bestellung"),
                "date": _("Datum"),
                "what": _("Was"),
                "amount": _("Betrag"),
                "paid": _("Bezahlt"),
                "multi": _("Mehrzweck-Gutschein, nicht steuerbar."),
                "why": _(
                    "Der Verkauf eines Mehrzweck-Gutscheins unterliegt nicht der Umsatzsteuer (§ 3 Abs. 15 UStG). "
                    "Sie fällt erst beim Einlösen an, beim Geschäft, das liefert. Dieser Beleg weist deshalb keine aus."
                ),
                "withdrawal": _("Wie Sie widerrufen können, steht in den Bedingungen, die beiliegen."),
            },
        },
    )


def typeset_conditions(programme: Programme, agreed: str) -> bytes:
    """Typeset what was agreed, word for word as it is kept, as PDF/A."""
    parts = [part.partition("\n") for part in agreed.split("\n\n")]
    return typeset(
        "conditions.typ",
        {
            "title": _("Bedingungen: %(name)s", name=programme.name),
            "parts": [[heading, body] for heading, _mark, body in parts],
        },
        lasting=True,
    )
