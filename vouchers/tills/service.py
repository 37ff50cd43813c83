"""What a till can do, as one interface: the real thing here, and practice with vouchers that are worth nothing above.

Every method names the till by its bearer token, and gives a repeated key its first answer again.
"""

from typing import Any, Protocol
from uuid import UUID

from vouchers.tills import holds, redeeming, returns
from vouchers.tills.calls import TillAnswer
from vouchers.tills.redeeming import RedemptionOrder


class TillService(Protocol):
    """The acts of a till. The refusals are those of `redeeming`, `holds` and `returns`."""

    def look(self, bearer: str, presented: str) -> dict[str, Any]:
        """Give what is left on what was presented."""
        ...

    def redeem(self, bearer: str, request: RedemptionOrder) -> TillAnswer:
        """Take an amount."""
        ...

    def find_by_key(self, bearer: str, key: str) -> dict[str, Any]:
        """Find what became of a key."""
        ...

    def is_decided(self, bearer: str, key: str) -> bool | None:
        """Whether something stands under a key; nothing for whoever is no till."""
        ...

    def hold(
        self,
        bearer: str,
        presented: str,
        *,
        cents: int,
        key: str,
        expires_in_seconds: int,
        receipt_no: str | None = None,
    ) -> TillAnswer:
        """Set an amount aside."""
        ...

    def capture(self, bearer: str, hold_id: UUID, *, key: str, cents: int | None = None) -> TillAnswer:
        """Take what is held, or a part of it."""
        ...

    def release(self, bearer: str, hold_id: UUID, *, key: str) -> TillAnswer:
        """Let go what is held."""
        ...

    def void(
        self, bearer: str, redemption_id: UUID, *, key: str, reason: str, staff_id: UUID | None = None
    ) -> TillAnswer:
        """Take a whole redemption back, on the same business day."""
        ...

    def refund(
        self, bearer: str, redemption_id: UUID, *, cents: int, key: str, reason: str, staff_id: UUID | None = None
    ) -> TillAnswer:
        """Give a part of a redemption back."""
        ...


class _LiveService:
    look = staticmethod(redeeming.look)
    redeem = staticmethod(redeeming.redeem)
    find_by_key = staticmethod(redeeming.find_by_key)
    is_decided = staticmethod(redeeming.is_decided)
    hold = staticmethod(holds.hold)
    capture = staticmethod(holds.capture)
    release = staticmethod(holds.release)
    void = staticmethod(returns.void)
    refund = staticmethod(returns.refund)


LIVE: TillService = _LiveService()
