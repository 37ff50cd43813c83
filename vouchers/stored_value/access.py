"""Who can use a voucher: block and unblock it, unlock its code, give it new secrets. No value moves. Decision 0312."""

from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import expire, session, uuid7
from money.payments import methods
from vouchers.stored_value import codes, errors
from vouchers.stored_value.issuing import Issued, make_secrets
from vouchers.stored_value.models import Voucher
from vouchers.stored_value.states import OperationKind, Outcome, VoucherState

CHANGE_ACCESS = sa.text(
    "SELECT voucher_change_access(p_verb => :verb, p_voucher => :voucher, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_token => :token, p_code => :code, p_pin => :pin, p_last4 => :last4,"
    " p_reason => :reason, p_at => :at)"
).bindparams(
    sa.bindparam("voucher", type_=sa.Uuid()),
    sa.bindparam("operation", type_=sa.Uuid()),
    sa.bindparam("actor", type_=sa.Uuid()),
    sa.bindparam("token", type_=sa.LargeBinary()),
    sa.bindparam("code", type_=sa.LargeBinary()),
    sa.bindparam("pin", type_=sa.LargeBinary()),
    sa.bindparam("last4", type_=sa.Text()),
    sa.bindparam("reason", type_=sa.Text()),
    sa.bindparam("at", type_=sa.DateTime(timezone=True)),
)


def renew(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> Issued:
    """Give a voucher new secrets; the old token, code and PIN are dead at once, the value stays.

    For a lost phone or a mistyped address: it is also taken off every checkout where the old ones laid it down.
    Refuses vouchers that have come to an end, and a repeated key.
    """
    issued = make_secrets(0)
    if _change(OperationKind.RENEW, voucher_id, actor_id, key, reason, issued) != Outcome.DONE:
        raise errors.not_renewable()
    methods.take_back(voucher_id)
    return Issued(voucher_id, issued.token, issued.code, issued.pin, 0)


def is_charged_back(voucher_id: UUID) -> bool:
    """Say whether a voucher's money was taken back and nothing is left on it."""
    return session.get_one(Voucher, voucher_id, populate_existing=True).state == VoucherState.CHARGED_BACK


def block(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """Let nobody redeem it from now on. Refuses what has come to an end; a repeated key changes nothing."""
    _require_done(_change(OperationKind.BLOCK, voucher_id, actor_id, key, reason))


def unblock(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """Let it be redeemed again. Refuses what is not blocked; a repeated key changes nothing."""
    _require_done(_change(OperationKind.UNBLOCK, voucher_id, actor_id, key, reason))


def unlock(voucher_id: UUID, *, actor_id: UUID, key: str, reason: str) -> None:
    """Let the typed code be used online again after five wrong PINs. The holder has proven who they are by mail."""
    _require_done(_change(OperationKind.UNLOCK, voucher_id, actor_id, key, reason))


def _change(
    verb: OperationKind, voucher_id: UUID, actor_id: UUID, key: str, reason: str, issued: Issued | None = None
) -> str:
    values = {"verb": verb, "voucher": voucher_id, "operation": uuid7(), "actor": actor_id, "key": key, "at": now()}
    secret = {
        "token": codes.hash_token(issued.token) if issued else None,
        "code": codes.hash_code(issued.code) if issued else None,
        "pin": codes.hash_pin(issued.code, issued.pin) if issued else None,
        "last4": codes.read_last4(issued.code) if issued else None,
        "reason": reason[:200],
    }
    outcome = str(session.scalar(CHANGE_ACCESS, values | secret))
    expire(Voucher, voucher_id)
    return outcome


def _require_done(outcome: str) -> None:
    if outcome not in {Outcome.DONE, Outcome.REPLAY}:
        raise errors.voucher_state_forbids()
