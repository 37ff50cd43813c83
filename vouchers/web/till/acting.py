"""What this till acts with: the real thing, or while it practises, what only looks like it."""

from typing import Any

from flask import g

from foundation.errors import NotFound
from foundation.languages import _
from vouchers.practice import making
from vouchers.practice.practising import PRACTICE
from vouchers.practice.takings import PRACTISED
from vouchers.tills.redemption_log import LIVE as LIVE_LOG
from vouchers.tills.redemption_log import RedemptionLog
from vouchers.tills.service import LIVE, TillService

KEY_MOST = 64


def till_service() -> TillService:
    """Give the real acts, or while this till practises those that can never post."""
    return PRACTICE if g.standing.training else LIVE


def books() -> RedemptionLog:
    """What was taken, or practised."""
    return PRACTISED if g.standing.training else LIVE_LOG


def look(presented: str) -> dict[str, Any]:
    """What was presented. A training voucher at a real till is told to be one; it is no secret."""
    if not g.standing.training and making.is_training(presented):
        sentence = _("Das ist ein Übungsgutschein. Er gilt nur an einer Kasse, die im Übungsmodus ist.")
        raise NotFound(sentence, "training_voucher")
    return till_service().look(g.standing.bearer, presented)
