"""What this till acts with: the real thing, or while it practises, what only looks like it."""

from types import ModuleType
from typing import Any

from flask import g

from foundation.errors import NotFound
from foundation.languages import _
from vouchers.practice import making, practising
from vouchers.practice.takings import PRACTISED
from vouchers.tills import redeeming
from vouchers.tills.redemption_log import LIVE, RedemptionLog

KEY_MOST = 64


def acts() -> ModuleType:
    """Redeeming, or practising."""
    return practising if g.standing.training else redeeming


def books() -> RedemptionLog:
    """What was taken, or practised."""
    return PRACTISED if g.standing.training else LIVE


def look(presented: str) -> dict[str, Any]:
    """What was presented. A training voucher at a real till is told to be one; it is no secret."""
    if not g.standing.training and making.is_training(presented):
        sentence = _("Das ist ein Übungsgutschein. Er gilt nur an einer Kasse, die im Übungsmodus ist.")
        raise NotFound(sentence, "training_voucher")
    found: dict[str, Any] = acts().look(g.standing.bearer, presented)
    return found
