"""What was practised, as books like the real ones: so that till and reports show both with the same pages."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.languages import _
from vouchers.practice.names import name_receipt
from vouchers.practice.setup import PRACTICE_BOOKS
from vouchers.tills.redemption_log import LoggedRedemption, RedemptionLog


class PracticeLog(RedemptionLog):
    """What real tills and practice keys practised; each acts as a till."""

    def programme(self) -> tuple[Any, Any]:
        """Give one name, in the reader's language, to all that is no real voucher."""
        return sa.literal(_("Übungsgutschein")), sa.literal(_("Übungsgutschein"))

    def _taken(self, outlet_id: UUID, *conditions: Any) -> list[LoggedRedemption]:
        """The receipts name their issuer in the reader's language, too."""
        found = super()._taken(outlet_id, *conditions)
        return [replace(line, answer=name_receipt(line.answer)) if line.answer else line for line in found]


PRACTICE_LOG = PracticeLog(PRACTICE_BOOKS)
