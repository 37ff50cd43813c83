"""Blocking by the holder: nobody can spend the voucher until its holder unblocks it (§ 807 BGB). Decision 0312."""

from uuid import UUID

import sqlalchemy as sa

from foundation.database import session
from vouchers.stored_value import access
from vouchers.stored_value.models import Voucher, VoucherOperation
from vouchers.stored_value.states import OperationKind, Outcome, VoucherState
from vouchers.wallet import errors

BY_HOLDER = "holder"


def block(voucher_id: UUID, *, actor_id: UUID, key: str) -> None:
    """Let nobody redeem it from now on; its checkouts are not touched. Refuses vouchers that have ended."""
    access.block(voucher_id, actor_id=actor_id, key=f"block:{key}", reason=BY_HOLDER)


def unblock(voucher_id: UUID, *, actor_id: UUID, key: str) -> None:
    """Let it be redeemed again. Refuses (`blocked_by_issuer`) what somebody else has blocked."""
    if not can_unblock(voucher_id):
        raise errors.blocked_by_issuer()
    access.unblock(voucher_id, actor_id=actor_id, key=f"unblock:{key}", reason=BY_HOLDER)


def can_unblock(voucher_id: UUID) -> bool:
    """Whether it is blocked, and by its holder."""
    state = session.scalar(sa.select(Voucher.state).where(Voucher.id == voucher_id))
    if state != VoucherState.BLOCKED:
        return False
    query = (
        sa.select(VoucherOperation.reason)
        .where(
            VoucherOperation.voucher_id == voucher_id,
            VoucherOperation.kind == OperationKind.BLOCK,
            VoucherOperation.outcome == Outcome.DONE,
        )
        .order_by(VoucherOperation.version.desc())
        .limit(1)
    )
    return session.scalar(query) == BY_HOLDER
