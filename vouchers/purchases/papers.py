"""The sheet of a voucher as PDF (typst), in the language of the moment, and how papers are typeset.

What people wrote goes into typst as data (JSON), never as source: it is shown as it stands, whatever it looks like.
Decision 0310.
"""

import json
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import typst

from foundation import qr
from foundation.languages import _, current_language
from money.amount import euro
from vouchers.network import programmes
from vouchers.purchases import links, queries
from vouchers.purchases.models import VoucherSale
from vouchers.stored_value.holder_view import HolderView
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "templates" / "vouchers" / "documents"
FONTS = ROOT / "static" / "vendor" / "fonts-pdf"
ARTWORK = ROOT / "static" / "artwork"


def typeset(source: str, values: dict[str, Any], files: dict[str, bytes] | None = None, lasting: bool = False) -> bytes:
    """Typeset `source` with `values` as PDF, in a folder of its own: typst reads nothing outside of it.

    `files` lie beside the source; `lasting` makes PDF/A, for a durable medium (§ 312f BGB).
    """
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


def typeset_voucher(programme: Programme, sale: VoucherSale | None, secrets: Issued, cents: int | None = None) -> bytes:
    """Typeset the sheet that one gives: face, QR on white, code and PIN in groups, where it holds and how long (A4)."""
    values = collect_voucher_fields(programme, sale, secrets, cents)
    return typeset("voucher.typ", values, load_pictures(values["design"], secrets.voucher_id))


def typeset_holder_sheet(view: HolderView) -> bytes:
    """Typeset the sheet for who holds the token: without code and PIN, which nobody has in plain any more (A4)."""
    return typeset_voucher(
        view.programme,
        None,
        Issued(view.voucher_id, view.token or "", f"… {view.last4}", "", 0),
        cents=view.balance_cents,
    )


def load_pictures(design: str, voucher_id: UUID) -> dict[str, bytes]:
    """Load the picture that the sheet shows, by its file's name: the buyer's own, else the artwork of the design."""
    own = queries.load_picture(queries.find_picture_id(voucher_id))
    if own:
        return {"own.jpg": own.data}
    return {"art.svg": (ARTWORK / f"voucher-{design}.svg").read_bytes()}


def collect_voucher_fields(
    programme: Programme, sale: VoucherSale | None, secrets: Issued, cents: int | None
) -> dict[str, Any]:
    """Collect what the sources in typst need to know of a voucher; `cents` where it was not sold here."""
    gift = sale if sale and sale.gift else None
    own = queries.find_picture_id(secrets.voucher_id) is not None
    year = queries.load_last_redeemable_day(secrets.voucher_id).year
    return {
        "title": programme.name,
        "amount": euro(sale.cents if sale else cents or 0),
        "picture": "own.jpg" if own else "art.svg",
        "own": own,
        "design": sale.design if sale else queries.find_design(secrets.voucher_id) or programme.design,
        "to": (gift.recipient_name or "") if gift else "",
        "from": gift.buyer_name if gift else "",
        "message": gift.message if gift else "",
        "qr": str(qr.draw_svg(links.build_voucher_url(secrets.token))),
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
            "where": programmes.describe_reach(programme),
            "issuer": _("Herausgeber"),
        },
    }
