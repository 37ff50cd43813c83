"""The receipt of a redemption or of a return. It is no fiscal receipt and says so.

`Sheet` is the one source of truth: the page, the mail and the QR link show its facts, the printer gets them in 80
columns, machines as JSON. It holds no personal data but the name that the cashier uses at the till.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from textwrap import wrap
from typing import Any

from foundation.clock import berlin
from foundation.languages import _, force_locale, select_language, show_date
from money.amount import euro

WIDTH = 80
NUMBERS = "dd.MM.y"


@dataclass(frozen=True)
class ReceiptSheet:
    """What a receipt says. `blocks` are groups of facts: term and value."""

    title: str
    marks: tuple[str, ...]
    shop: tuple[str, ...]
    blocks: tuple[tuple[tuple[str, str], ...], ...]
    notes: tuple[str, ...]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """All facts in their order."""
        return [fact for block in self.blocks for fact in block]


def note() -> str:
    """What every receipt has to say (§ 146a AO: the shop's own till issues the fiscal one)."""
    return _note_in(select_language())


@cache  # every redemption carries it
def _note_in(language: str) -> str:
    with force_locale(language):
        return _("Gutscheineinlösung – Zahlungsmittel, kein Steuerbeleg; der Kassenbon des Geschäfts gilt.")


def read_redeemed_at(answer: dict[str, Any]) -> datetime:
    """Read the instant of the redemption, on a clock in Berlin."""
    return berlin(datetime.fromisoformat(answer["receipt"]["time"]))


def make_sheet(
    answer: dict[str, Any], *, hotline: str, copy: bool = False, voided: bool = False, practice: bool = False
) -> ReceiptSheet:
    """Make the receipt of a redemption from its stored answer. A copy is marked; everything else is identical."""
    receipt = answer["receipt"]
    money = [
        (_("Eingelöst"), euro(answer["amount_cents"])),
        (_("Noch auf dem Gutschein"), euro(answer["remaining_cents"])),
    ]
    return ReceiptSheet(
        title=_("Einlösung"),
        marks=_marks(copy=copy, voided=voided, practice=practice),
        shop=_shop(receipt),
        blocks=(_voucher(receipt), (*money, *_lots(answer)), (*_where(receipt), *_numbers(answer, receipt))),
        notes=_notes(hotline, practice),
    )


def make_return_sheet(
    return_answer: dict[str, Any], answer: dict[str, Any], *, hotline: str, copy: bool = False, practice: bool = False
) -> ReceiptSheet:
    """Make the receipt of a void or refund: its own answer, and that of the redemption it belongs to."""
    receipt = answer["receipt"]
    lapsed = _("Ein Bonus ist inzwischen abgelaufen: dieser Teil geht an den zurück, der ihn gegeben hat.")
    money = [(_("Zurückgegeben"), euro(return_answer["amount_cents"]))]
    money += (
        [(_("davon abgelaufener Bonus"), euro(return_answer["lapsed_cents"]))] if return_answer["lapsed_cents"] else []
    )
    numbers = [
        (_("Zeit"), _moment(berlin(datetime.fromisoformat(return_answer["time"])))),
        (_("Vorgang"), return_answer.get("refund_id") or return_answer["void_id"]),
        (_("Zur Einlösung"), answer["redemption_id"]),
        (_("Eingelöst am"), _moment(read_redeemed_at(answer))),
    ]
    numbers += [(_("Ihr Beleg"), receipt["receipt_no"])] if receipt["receipt_no"] else []
    return ReceiptSheet(
        title=_("Rückgabe"),
        marks=_marks(copy=copy, voided=False, practice=practice),
        shop=_shop(receipt),
        blocks=(
            _voucher(receipt),
            (*money, (_("Jetzt auf dem Gutschein"), euro(return_answer["remaining_cents"])), *_lots(return_answer)),
            tuple(numbers),
        ),
        notes=(*([lapsed] if return_answer["lapsed_cents"] else []), *_notes(hotline, practice)),
    )


def format_receipt(
    answer: dict[str, Any], *, hotline: str, copy: bool = False, voided: bool = False, practice: bool = False
) -> str:
    """The receipt of a redemption for any printer, in 80 columns."""
    return as_text(make_sheet(answer, hotline=hotline, copy=copy, voided=voided, practice=practice))


def as_text(sheet: ReceiptSheet) -> str:
    """For any printer: no line is longer than 80 columns, and nothing is cut off."""
    rule = "-" * WIDTH
    lines = [*_folded(*sheet.shop), "", *sheet.marks, *_folded(sheet.title)]
    for block in sheet.blocks:
        lines += [rule, *[line for fact in block for line in _pair(*fact)]]
    return "\n".join([*lines, rule, *_folded(*sheet.notes)]) + "\n"


def as_json(sheet: ReceiptSheet, answer: dict[str, Any]) -> dict[str, Any]:
    """For machines: the facts as people read them, and the stored answer with its cents."""
    facts = [{"term": term, "value": value} for term, value in sheet.facts]
    said = {"title": sheet.title, "marks": list(sheet.marks), "shop": list(sheet.shop), "facts": facts}
    return said | {"notes": list(sheet.notes), "answer": answer}


def _marks(*, copy: bool, voided: bool, practice: bool) -> tuple[str, ...]:
    named = ((practice, _("ÜBUNG")), (copy, _("KOPIE")), (voided, _("STORNIERT")))
    return tuple(name for wanted, name in named if wanted)


def _shop(receipt: dict[str, Any]) -> tuple[str, ...]:
    return receipt["shop"], f"{receipt['street']}, {receipt['postcode']} {receipt['town']}"


def _voucher(receipt: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    name = f"{receipt['programme']} …{receipt['voucher_last4']}"
    return (_("Gutschein"), name), (_("Herausgeber"), receipt["issuer"])


def _where(receipt: dict[str, Any]) -> list[tuple[str, str]]:
    where = receipt["till"] + (f" / {receipt['cashier']}" if receipt["cashier"] else "")
    return [(_("Zeit"), _moment(berlin(datetime.fromisoformat(receipt["time"])))), (_("Kasse"), where)]


def _numbers(answer: dict[str, Any], receipt: dict[str, Any]) -> list[tuple[str, str]]:
    own = [(_("Ihr Beleg"), receipt["receipt_no"])] if receipt["receipt_no"] else []
    return [*own, (_("Vorgang"), answer["redemption_id"]), (_("Stornocode"), receipt["void_code"])]


def _lots(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [_lot(lot) for lot in answer["buckets"] if lot["remaining_cents"]]


def _lot(lot: dict[str, Any]) -> tuple[str, str]:
    day = show_date(date.fromisoformat(lot["valid_until"]), NUMBERS)
    names = {"paid": _("bezahlt"), "bonus": _("Bonus"), "employer": _("vom Arbeitgeber"), "goodwill": _("Kulanz")}
    return _("davon %(kind)s, gültig bis %(day)s", kind=names[lot["kind"]], day=day), euro(lot["remaining_cents"])


def _notes(hotline: str, practice: bool) -> tuple[str, ...]:
    practised = [_("Übung: Es wurde nichts gebucht. Dieser Beleg ist wertlos.")] if practice else []
    return (*practised, note(), *([_("Fragen? %(hotline)s", hotline=hotline)] if hotline else []))


def _moment(instant: datetime) -> str:
    return f"{show_date(instant, NUMBERS)} {instant:%H:%M:%S}"


def _pair(term: str, value: str) -> list[str]:
    if len(term) + len(value) < WIDTH:
        return [f"{term}{value:>{WIDTH - len(term)}}"]
    return [*_folded(term), *(f"  {line}" for line in wrap(value, WIDTH - 2))]


def _folded(*texts: str) -> list[str]:
    return [line for text in texts for line in wrap(text, WIDTH) or [""]]
