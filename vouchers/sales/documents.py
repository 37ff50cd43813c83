"""Papers as PDF (typst), in the language of the moment: the voucher to print, and the paper about its sale."""

import json
from pathlib import Path
from typing import Any

import typst

from foundation import clock, qr
from foundation.languages import _, current_language, show_date
from money.amount import euro
from money.law.queries import legal
from vouchers import programmes
from vouchers.holding import Held
from vouchers.issuing import Issued
from vouchers.models import Programme
from vouchers.sales import addresses, queries
from vouchers.sales.models import VoucherSale

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "templates" / "vouchers" / "documents"
FONTS = ROOT / "static" / "vendor" / "fonts-pdf"


def _pdf(source: str, values: dict[str, Any]) -> bytes:
    made = typst.compile(
        str(SOURCES / source),
        root=str(SOURCES),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(values | {"language": current_language()}, ensure_ascii=False)},
    )
    return bytes(made)


def voucher_paper(programme: Programme, sale: VoucherSale | None, secrets: Issued, cents: int | None = None) -> bytes:
    """The sheet that one gives: face, QR on white, code and PIN in groups, where it holds and how long (A4)."""
    worth = sale.cents if sale else cents or 0
    year = queries.last_day(secrets.voucher_id).year
    return _pdf(
        "voucher.typ",
        {
            "title": programme.name,
            "amount": euro(worth),
            "design": sale.design if sale else "feld",
            "to": (sale.recipient_name or "") if sale and sale.gift else "",
            "from": sale.buyer_name if sale and sale.gift else "",
            "message": sale.message if sale else "",
            "qr": str(qr.svg(addresses.voucher_page(secrets.token))),
            "code": secrets.code,
            "pin": secrets.pin,
            "issuer": programme.issuer.legal_name,
            "words": {
                "voucher": _("Gutschein"),
                "for": _("Für"),
                "from": _("Von"),
                "code": _("Code"),
                "pin": _("PIN für das Netz"),
                "scan": _("An der Kasse zeigen. Wer den Code mit dem Telefon öffnet, sieht das Guthaben."),
                "parts": _("In Teilbeträgen einlösbar. Der Rest bleibt auf dem Gutschein."),
                "until": _("Einlösbar bis zum 31. Dezember %(year)s.", year=year),
                "where": programmes.reach(programme),
                "issuer": _("Herausgeber"),
            },
        },
    )


def holder_paper(held: Held) -> bytes:
    """The sheet for who holds the token: without code and PIN, which nobody has in plain any more (A4)."""
    return voucher_paper(
        held.programme,
        None,
        Issued(held.voucher_id, held.token or "", f"… {held.last4}", "", 0),
        cents=held.balance_cents,
    )


def receipt(programme: Programme, sale: VoucherSale) -> bytes:
    """The paper about the sale. It names no VAT: a multi-purpose voucher is not taxed when sold (§ 3 Abs. 15 UStG)."""
    issuer = programme.issuer
    return _pdf(
        "receipt.typ",
        {
            "number": sale.number,
            "date": show_date(clock.today()),
            "issuer": [
                issuer.legal_name,
                issuer.street,
                f"{issuer.postcode} {issuer.town}",
                issuer.email,
                issuer.phone,
            ],
            "buyer": [line for line in (sale.buyer_name, sale.buyer_email) if line],
            "line": programme.name,
            "amount": euro(sale.cents),
            "words": {
                "title": _("Beleg über den Kauf eines Gutscheins"),
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
                "withdrawal": _(
                    "Sie können den Kauf %(days)s Tage lang widerrufen, solange der Gutschein nicht eingelöst ist.",
                    days=legal("voucher.withdrawal_days"),
                ),
            },
        },
    )
