"""Redemptions in the words of the DSFinV-K (§ 146a AO, KassenSichV), for the shop's own cash system.

We are no recording system of the shop (LAW L60): its register records. It may do so in two ways, and each row says the
same amount in either: as business case `MehrzweckgutscheinEinloesung`, a line that lowers what is to pay, or as payment
`Unbar` with a voucher that somebody else issued. Fields and sources: docs/api/dsfinvk.md.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, timedelta

from foundation.clock import berlin
from vouchers.partners import errors
from vouchers.stored_value.states import OperationKind
from vouchers.tills.redemption_log import GIVEN_BACK, Movement

MAPPINGS = ("business_case", "payment")
MAX_PERIOD_DAYS = 366
GV_TYP, ZAHLART_TYP = "MehrzweckgutscheinEinloesung", "Unbar"
NOT_TAXABLE = "5"  # UST_SCHLUESSEL 5: "Nicht steuerbar"
ARTICLE, CURRENCY = "Gutscheineinlösung", "EUR"
MAX_NAME_LENGTH = 40  # GV_NAME, ZAHLART_NAME
KINDS = {"redeem": "Einloesung", "capture": "Einloesung", "void": "Storno", "refund": "Erstattung"}

COMMON = ("BUCHUNGSTAG", "ZEITPUNKT", "Z_KASSE_ID", "BON_NR", "VORGANG", "VORGANG_ID", "BEZUG_ID")
COLUMNS = {
    "business_case": (
        *COMMON,
        "GUTSCHEIN_NR",
        "ARTIKELTEXT",
        "GV_TYP",
        "GV_NAME",
        "P_STORNO",
        "UST_SCHLUESSEL",
        "POS_BRUTTO",
        "POS_NETTO",
        "POS_UST",
    ),
    "payment": (
        *COMMON,
        "GUTSCHEIN_NR",
        "ZAHLART_TYP",
        "ZAHLART_NAME",
        "ZAHLWAEH_CODE",
        "ZAHLWAEH_BETRAG",
        "BASISWAEH_BETRAG",
    ),
}


def make_rows(found: Iterable[Movement], mapping: str) -> list[dict[str, str]]:
    """Make a row for each movement at a till, in the fields of the mapping. What has no till is in no till's books."""
    make = {"business_case": _business_case, "payment": _payment}[mapping]
    return [_common(line) | make(line) for line in found if line.till_id]


def write_csv(found: Iterable[Movement], mapping: str) -> str:
    """Write the rows as CSV: semicolons, decimal comma, CRLF, as the DSFinV-K's index.xml describes them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS[mapping], delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in make_rows(found, mapping))
    return out.getvalue()


def require_period(first: date, last: date) -> None:
    """Refuse (`Invalid`) a period that ends before it begins or is longer than a year."""
    if last < first:
        raise errors.period_not_valid()
    if last - first >= timedelta(days=MAX_PERIOD_DAYS):
        raise errors.period_too_long()


def _common(line: Movement) -> dict[str, str]:
    return {
        "BUCHUNGSTAG": line.booked_on.isoformat(),
        "ZEITPUNKT": berlin(line.recorded_at).isoformat(timespec="seconds"),
        "Z_KASSE_ID": line.till or "",
        "BON_NR": line.receipt_no or "",
        "VORGANG": KINDS[line.kind],
        "VORGANG_ID": str(line.id),
        "BEZUG_ID": str(line.ref_id) if line.ref_id and line.kind in GIVEN_BACK else "",
        "GUTSCHEIN_NR": line.last4,
    }


def _business_case(line: Movement) -> dict[str, str]:
    """A voucher lowers what is to pay: taken is minus, given back is plus."""
    amount = _amount(-line.signed_cents)
    return {
        "ARTIKELTEXT": ARTICLE,
        "GV_TYP": GV_TYP,
        "GV_NAME": line.programme[:MAX_NAME_LENGTH],
        "P_STORNO": "1" if line.kind == OperationKind.VOID else "0",
        "UST_SCHLUESSEL": NOT_TAXABLE,
        "POS_BRUTTO": amount,
        "POS_NETTO": amount,
        "POS_UST": _amount(0),
    }


def _payment(line: Movement) -> dict[str, str]:
    """A voucher pays: taken is plus, given back is minus."""
    return {
        "ZAHLART_TYP": ZAHLART_TYP,
        "ZAHLART_NAME": line.programme[:MAX_NAME_LENGTH],
        "ZAHLWAEH_CODE": "",  # only for foreign money
        "ZAHLWAEH_BETRAG": "",
        "BASISWAEH_BETRAG": _amount(line.signed_cents),
    }


def _amount(cents: int) -> str:
    euros, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{euros},{rest:02d}"


def _harmless(value: str) -> str:
    """What a cashier typed must not become a formula in a spreadsheet; amounts are ours and keep their sign."""
    risky = value[:1] in ("=", "+", "@", "\t", "\r") or (value[:1] == "-" and not value[1:2].isdigit())
    return f"'{value}" if risky else value
