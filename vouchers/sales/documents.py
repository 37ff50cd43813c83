"""Papers as PDF (typst), in the language of the moment: the voucher to print, the letter, the papers about the sale.

What people wrote goes into typst as data (JSON), never as source: it is shown as it stands, whatever it looks like.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import typst

from foundation import clock, qr
from foundation.languages import _, current_language, show_date
from money.amount import euro
from people.models import Organisation
from vouchers.network import programmes
from vouchers.sales import addresses, queries
from vouchers.sales.models import VoucherOrder, VoucherSale
from vouchers.stored_value.holder_view import HolderView
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "templates" / "vouchers" / "documents"
FONTS = ROOT / "static" / "vendor" / "fonts-pdf"
ARTWORK = ROOT / "static" / "artwork"


def _pdf(source: str, values: dict[str, Any], files: dict[str, bytes] | None = None, lasting: bool = False) -> bytes:
    """Typeset in a folder of its own: typst reads nothing outside of it."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for needed in (source, "face.typ"):
            (place / needed).write_bytes((SOURCES / needed).read_bytes())
        for name, data in (files or {}).items():
            (place / name).write_bytes(data)
        return bytes(
            typst.compile(
                str(place / source),
                root=str(place),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                sys_inputs={"data": json.dumps(values | {"language": current_language()}, ensure_ascii=False)},
                pdf_standards=["a-2b"] if lasting else [],  # PDF/A: on a durable medium (§ 312f BGB)
            )
        )


def voucher_paper(programme: Programme, sale: VoucherSale | None, secrets: Issued, cents: int | None = None) -> bytes:
    """The sheet that one gives: face, QR on white, code and PIN in groups, where it holds and how long (A4)."""
    values = _voucher_values(programme, sale, secrets, cents)
    return _pdf("voucher.typ", values, _pictures(values["design"], secrets.voucher_id))


def holder_paper(held: HolderView) -> bytes:
    """The sheet for who holds the token: without code and PIN, which nobody has in plain any more (A4)."""
    return voucher_paper(
        held.programme,
        None,
        Issued(held.voucher_id, held.token or "", f"… {held.last4}", "", 0),
        cents=held.balance_cents,
    )


def letter_paper(programme: Programme, sale: VoucherSale, secrets: Issued) -> bytes:
    """The letter with the card, for an envelope with a window (DIN 5008, form B): address above, card below (A4)."""
    values = _voucher_values(programme, sale, secrets, None)
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
    return _pdf("letter.typ", values, _pictures(sale.design, secrets.voucher_id))


def _pictures(design: str, voucher_id: UUID) -> dict[str, bytes]:
    own = queries.picture(queries.picture_id_of(voucher_id))
    if own:
        return {"own.jpg": own.data}
    return {"art.svg": (ARTWORK / f"voucher-{design}.svg").read_bytes()}


def _voucher_values(
    programme: Programme, sale: VoucherSale | None, secrets: Issued, cents: int | None
) -> dict[str, Any]:
    gift = sale if sale and sale.gift else None
    own = queries.picture_id_of(secrets.voucher_id) is not None
    year = queries.last_day(secrets.voucher_id).year
    return {
        "title": programme.name,
        "amount": euro(sale.cents if sale else cents or 0),
        "picture": "own.jpg" if own else "art.svg",
        "own": own,
        "design": sale.design if sale else queries.design_of(secrets.voucher_id) or programme.design,
        "to": (gift.recipient_name or "") if gift else "",
        "from": gift.buyer_name if gift else "",
        "message": gift.message if gift else "",
        "qr": str(qr.draw_svg(addresses.voucher_page(secrets.token))),
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
    }


def receipt(order: VoucherOrder, issuer: Organisation, lines: Sequence[tuple[str, str, int]]) -> bytes:
    """The paper about what one issuer sold: (number, programme, cents) a sale.

    It names no VAT: a multi-purpose voucher is not taxed when sold (§ 3 Abs. 15 UStG).
    """
    address = [issuer.legal_name, issuer.street, f"{issuer.postcode} {issuer.town}", issuer.email, issuer.phone]
    return _pdf(
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


def conditions_paper(programme: Programme, agreed: str) -> bytes:
    """What was agreed, word for word as it is kept, as PDF/A."""
    parts = [part.partition("\n") for part in agreed.split("\n\n")]
    return _pdf(
        "conditions.typ",
        {
            "title": _("Bedingungen: %(name)s", name=programme.name),
            "parts": [[heading, body] for heading, _mark, body in parts],
        },
        lasting=True,
    )
