"""The period in which a buyer may withdraw from the sale of a voucher (§§ 355, 356 BGB). Decision 0311."""

from datetime import date, timedelta

import holidays

from foundation import clock
from money.law.queries import load_legal_value
from vouchers.purchases.models import VoucherSale


def find_last_day(sale: VoucherSale) -> date | None:
    """Find the last day on which the buyer may withdraw; nothing before the delivery: no period runs yet.

    14 days from the delivery and from when the buyer was instructed, at most 12 months more (§ 356 Abs. 3 BGB). A last
    day that is a Saturday, a Sunday or a holiday is the next working day (§ 193 BGB).
    """
    if sale.delivered_at is None:
        return None
    delivered = clock.berlin(sale.delivered_at).date()
    days = timedelta(days=load_legal_value("voucher.withdrawal_days", delivered))
    latest = _add_year(delivered) + days
    if sale.instructed_at is None:
        return _find_working_day(latest)
    instructed = clock.berlin(sale.instructed_at).date()
    return _find_working_day(min(max(delivered, instructed) + days, latest))


def _add_year(day: date) -> date:
    return day.replace(year=day.year + 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def _find_working_day(day: date) -> date:
    free = holidays.country_holidays("DE", subdiv="NW", years=[day.year, day.year + 1])
    while day.weekday() >= 5 or day in free:
        day += timedelta(days=1)
    return day
