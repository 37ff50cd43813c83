"""For how much one card may be sold. Decision 0315."""

from money.law.queries import load_legal_value
from vouchers.stored_value.models import Programme


def find_amount_range(programme: Programme) -> tuple[int, int]:
    """(minimum, maximum) cents of one sale at a counter: the programme's limits within those of law (GwG, ZAG)."""
    maximum = min(
        programme.max_cents, load_legal_value("voucher.most_cents"), load_legal_value("voucher.counter_sale_cents")
    )
    return max(programme.min_cents, load_legal_value("voucher.least_cents")), maximum
