"""What this till acts with: the real thing, or while it practises, what only looks like it."""

from typing import Any

from flask import g

from foundation.errors import NotFound
from vouchers.practice import setup
from vouchers.practice.redemption_log import PRACTICE_LOG
from vouchers.practice.service import PRACTICE
from vouchers.stored_value.states import Outcome
from vouchers.tills.redemption_log import LIVE_LOG, RedemptionLog
from vouchers.tills.service import LIVE, TillService
from vouchers.web.till import errors

MAX_KEY_CHARACTERS = 64


def till_service() -> TillService:
    """Give the real acts, or while this till practises those that can never post."""
    return PRACTICE if g.till_session.practice else LIVE


def redemption_log() -> RedemptionLog:
    """Give the log of what was redeemed, or of what was practised."""
    return PRACTICE_LOG if g.till_session.practice else LIVE_LOG


def look(presented: str) -> dict[str, Any]:
    """What was presented. A practice voucher at a real till is told to be one; it is no secret."""
    if not g.till_session.practice and setup.is_practice_voucher(presented):
        raise errors.practice_voucher()
    return till_service().look(g.till_session.bearer, presented)


def was_taken_before_practice(key: str) -> bool:
    """Whether this till practises now, but took something for real under this key before it was switched."""
    if not g.till_session.practice:
        return False
    try:
        return bool(LIVE.find_by_key(g.till_session.bearer, key)["outcome"] == Outcome.DONE)
    except NotFound:
        return False
