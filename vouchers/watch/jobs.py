"""When the rules are compared: tills and shops every minute, buyers and self-dealing every quarter of an hour.

Decision 0309.
"""

from foundation.jobs import job
from vouchers.watch import buyers, patterns, self_dealing, velocity


@job("vouchers.watch_velocity", every="*/1 * * * *")
def watch_velocity() -> None:
    """Compare tills, shops and vouchers with their rules."""
    velocity.watch_tills()
    velocity.watch_shops()
    velocity.watch_vouchers()
    patterns.watch_misses()
    patterns.watch_voids()
    patterns.watch_repeats()


@job("vouchers.watch_dealing", every="*/15 * * * *")
def watch_dealing() -> None:
    """Compare buyers, recipients, purchases below the limit, shops that deal with themselves, new shops."""
    buyers.watch_buyers()
    buyers.watch_recipients()
    buyers.watch_structuring()
    self_dealing.watch_self_dealing()
    self_dealing.watch_staff()
    self_dealing.watch_new_shops()
