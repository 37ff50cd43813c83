"""When is watched: tills and shops every minute, buyers and dealing with oneself every quarter of an hour."""

from foundation.jobs import job
from vouchers.watch import buyers, self_dealing, velocity


@job("vouchers.watch_hurry", every="*/1 * * * *")
def watch_velocity() -> None:
    """Tills, shops, vouchers."""
    velocity.watch_tills()
    velocity.watch_shops()
    velocity.watch_vouchers()


@job("vouchers.watch_deals", every="*/15 * * * *")
def watch_dealing() -> None:
    """Buyers, recipients, purchases below the limit, shops that deal with themselves, new shops."""
    buyers.watch_buyers()
    buyers.watch_recipients()
    buyers.watch_structuring()
    self_dealing.watch_self_dealing()
    self_dealing.watch_staff()
    self_dealing.watch_new_shops()
