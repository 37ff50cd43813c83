"""Prices as the law wants them shown: the unit price, and the lowest price before a reduction. Decision 0405."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from foundation.database import call
from foundation.languages import _, localise_number
from marketplace.catalogue.models import PriceChange
from marketplace.catalogue.states import ContentUnit
from money.amount import euro

LOOK_BACK = timedelta(days=30)
MIN_CONTENT_AMOUNT = 10  # g or ml: less needs no unit price (PAngV § 4 (3) no. 1)
BASES = {ContentUnit.GRAM: (1000, "kg"), ContentUnit.MILLILITRE: (1000, "l"), ContentUnit.CENTIMETRE: (100, "m")}


@dataclass(frozen=True)
class UnitPrice:
    """Cents for one `per`: kg, l or m."""

    cents: int
    per: str

    def __str__(self) -> str:
        return _("%(price)s je %(unit)s", price=euro(self.cents), unit=self.per)


def calculate_unit_price(price_cents: int, amount: int | None, unit: str | None) -> UnitPrice | None:
    """Calculate the price of a kilogram, litre or metre (PAngV §§ 4, 5), rounded half up to a cent.

    Nothing for pieces, for less than 10 g or ml, and where it would repeat the price. Deposits never count in (§ 7).
    """
    if not amount or unit not in BASES:
        return None
    size, name = BASES[ContentUnit(unit)]
    if amount == size or (unit != ContentUnit.CENTIMETRE and amount < MIN_CONTENT_AMOUNT):
        return None
    return UnitPrice((2 * price_cents * size + amount) // (2 * amount), name)


def format_content(amount: int | None, unit: str | None) -> str:
    """Write how much is in it, as on a label: "500 g", "1,5 l", "3 Stück"."""
    if not amount:
        return ""
    if unit == ContentUnit.PIECE:
        return _("%(count)s Stück", count=amount)
    size, name = BASES[ContentUnit(unit or ContentUnit.GRAM)]
    if amount < size:
        return f"{amount} {unit}"
    whole, rest = divmod(amount, size)
    digits = f"{rest:0{len(str(size)) - 1}d}".rstrip("0")
    return localise_number(f"{whole}{',' + digits if digits else ''} {name}")


def find_lowest_price(offer_id: UUID, moment: datetime) -> int | None:
    """Find the lowest price in cents of the 30 days before `moment` (PAngV § 11), from the log that nobody can change.

    The price that was in force when the 30 days began counts too. Nothing when the offer was not on sale before.
    """
    begin = moment - LOOK_BACK
    earlier = (
        sa.select(sa.func.max(PriceChange.at))
        .where(PriceChange.offer_id == offer_id, PriceChange.at <= begin)
        .scalar_subquery()
    )
    query = sa.select(sa.func.min(PriceChange.cents)).where(
        PriceChange.offer_id == offer_id,
        PriceChange.at < moment,
        PriceChange.at >= sa.func.coalesce(earlier, begin),
    )
    found: int | None = call(query)[0][0]
    return found


def find_struck_price(offer_id: UUID, price_cents: int, reduced_at: datetime | None) -> int | None:
    """Find the price to strike through, in cents: the lowest of the 30 days before the reduction.

    Nothing where that was not higher.
    """
    if reduced_at is None:
        return None
    lowest = find_lowest_price(offer_id, reduced_at)
    return lowest if lowest is not None and lowest > price_cents else None
