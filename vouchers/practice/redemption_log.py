"""What was practised, as books like the real ones: so that till and reports show both with the same pages."""

from typing import Any

import sqlalchemy as sa

from foundation.languages import _
from vouchers.practice.setup import PRACTICE_BOOKS
from vouchers.tills.redemption_log import RedemptionLog


class PracticeLog(RedemptionLog):
    """What real tills and practice keys practised; each acts as a till."""

    def programme(self) -> tuple[Any, Any]:
        """Give one name, in the reader's language, to all that is no real voucher."""
        return sa.literal(_("Übungsgutschein")), sa.literal(_("Übungsgutschein"))


PRACTICE_LOG = PracticeLog(PRACTICE_BOOKS)
