"""The receipt of a redemption as plain text, 80 columns, for any printer. It is no fiscal receipt and says so."""

from datetime import date, datetime
from textwrap import wrap
from typing import Any

from foundation.clock import berlin
from foundation.languages import _, show_date
from money.amount import euro

WIDTH = 80
NUMBERS = "dd.MM.y"


def note() -> str:
    """What every receipt has to say (§ 146a AO: the shop's own till issues the fiscal one)."""
    return _("Gutscheineinlösung – Zahlungsmittel, kein Steuerbeleg; der Kassenbon des Geschäfts gilt.")


def when(answer: dict[str, Any]) -> datetime:
    """The instant of the redemption, on a clock in Berlin."""
    return berlin(datetime.fromisoformat(answer["receipt"]["time"]))


def text(answer: dict[str, Any], *, hotline: str, copy: bool = False, voided: bool = False) -> str:
    """The stored answer of a redemption as text. A copy is marked; everything else is identical."""
    receipt = answer["receipt"]
    lines = [
        receipt["shop"],
        f"{receipt['street']}, {receipt['postcode']} {receipt['town']}",
        "",
        *([_("KOPIE")] if copy else []),
        *([_("STORNIERT")] if voided else []),
        _("Einlösung %(programme)s", programme=receipt["programme"]),
        _("Herausgeber: %(issuer)s", issuer=receipt["issuer"]),
        "-" * WIDTH,
        _pair(_("Eingelöst"), euro(answer["amount"])),
        _pair(_("Noch auf dem Gutschein"), euro(answer["remaining"])),
        *[_bucket(bucket) for bucket in answer["buckets"] if bucket["remaining"]],
        "-" * WIDTH,
        _pair(_("Gutschein endet auf"), receipt["voucher_last4"]),
        _pair(_("Zeit"), f"{show_date(when(answer), NUMBERS)} {when(answer):%H:%M:%S}"),
        _pair(_("Kasse"), receipt["till"] + (f" / {receipt['cashier']}" if receipt["cashier"] else "")),
        *([_pair(_("Ihr Beleg"), receipt["receipt_no"])] if receipt["receipt_no"] else []),
        _pair(_("Vorgang"), answer["redemption_id"]),
        _pair(_("Stornocode"), receipt["void_code"]),
        "-" * WIDTH,
        *wrap(note(), WIDTH),
        *([_("Fragen? %(hotline)s", hotline=hotline)] if hotline else []),
    ]
    return "\n".join(line[:WIDTH] for line in lines) + "\n"


def _bucket(bucket: dict[str, Any]) -> str:
    day = show_date(date.fromisoformat(bucket["valid_until"]), NUMBERS)
    names = {"paid": _("bezahlt"), "bonus": _("Bonus"), "employer": _("vom Arbeitgeber"), "goodwill": _("Kulanz")}
    left = _("  davon %(kind)s, gültig bis %(day)s", kind=names[bucket["kind"]], day=day)
    return _pair(left, euro(bucket["remaining"]))


def _pair(left: str, right: str) -> str:
    return f"{left}{right:>{max(1, WIDTH - len(left))}}"
