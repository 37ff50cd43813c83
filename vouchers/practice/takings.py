"""What was practised, as books like the real ones: so that till and reports show both with the same pages."""

from typing import Any

import sqlalchemy as sa

from foundation.languages import _
from vouchers.practice.models import TrainingOperation, TrainingToken, TrainingVoucher
from vouchers.tills.models import Till
from vouchers.tills.redemption_log import RedemptionLog


class PractisedBooks(RedemptionLog):
    """What real tills and sandbox keys practised; each acts as a till."""

    operation = TrainingOperation
    voucher = TrainingVoucher

    @property
    def till_id(self) -> Any:
        """Who practised."""
        return TrainingOperation.actor_id

    @property
    def till(self) -> Any:
        """The till's name, or the key's."""
        return sa.func.coalesce(Till.name, TrainingToken.name)

    def programme(self) -> tuple[Any, Any]:
        """One name for all that is no real voucher."""
        return sa.literal(_("Übungsgutschein")), sa.literal(_("Übungsgutschein"))

    def joined(self, query: sa.Select[Any]) -> sa.Select[Any]:
        """As `Books.joined`."""
        return (
            query.join(TrainingVoucher, TrainingVoucher.id == TrainingOperation.voucher_id)
            .outerjoin(Till, Till.id == TrainingOperation.actor_id)
            .outerjoin(TrainingToken, TrainingToken.id == TrainingOperation.actor_id)
        )


PRACTISED = PractisedBooks()
