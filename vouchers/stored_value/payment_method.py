"""The payment method `voucher` for checkouts: hold, capture, release, refund inside the payment's own transaction.

Never a discount: what a voucher pays is a tender of the payment, held for the share of one shop and owed to that shop.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from foundation.clock import now
from foundation.database import call, session, uuid7
from foundation.jobs import job
from foundation.languages import _, lazy
from money.payments import states
from money.payments.methods import MethodOffer
from money.payments.models import Payment, Tender
from money.payments.payables import AmountDue, MoneyKind, Rail, Traits
from vouchers.stored_value import codes, credentials, errors, queries
from vouchers.stored_value.models import Programme, Voucher, VoucherOperation
from vouchers.stored_value.states import HOLD_ENDED, OperationKind, Outcome

HOLD_TTL = timedelta(days=21)  # only a backstop: the payment's own decision ends the hold
MAX_RELEASED_HOLDS = 200

HOLD = sa.text(
    "SELECT outcome, replay, operation_id, answer"
    " FROM voucher_hold(p_voucher => :voucher, p_operation => :operation, p_actor => :actor, p_key => :key,"
    " p_cents => :cents, p_outlet => :outlet, p_expires => :expires, p_at => :at)"
)
CAPTURE = sa.text(
    "SELECT outcome, operation_id FROM voucher_capture(p_voucher => :voucher, p_hold => :hold,"
    " p_operation => :operation, p_actor => :actor, p_key => :key, p_at => :at)"
)
RELEASE = sa.text(
    "SELECT outcome, operation_id FROM voucher_release(p_voucher => :voucher, p_hold => :hold,"
    " p_operation => :operation, p_actor => :actor, p_key => :key, p_at => :at)"
)
REFUND = sa.text(
    "SELECT outcome, operation_id FROM voucher_refund(p_redemption => :redemption, p_operation => :operation,"
    " p_actor => :actor, p_key => :key, p_cents => :cents, p_reason => :reason, p_at => :at)"
)
BY_PIN = sa.text("SELECT voucher_find_by_pin(:code, :pin, :at)")


class VoucherMethod:
    """Vouchers as one way to pay among others."""

    key = "voucher"
    label = lazy("Gutschein")
    traits = Traits(
        MoneyKind.STORED_VALUE,
        rails=frozenset({Rail.SELLER}),
        settles_before_delivery=True,
        is_stored_value=True,
        shop_kinds=frozenset({"voucher"}),
        refundable_days=3 * 365,  # to the lots it came from, as long as they can live (§ 195 BGB)
    )

    def offer(self, due: AmountDue, presented: str) -> MethodOffer:
        """What the presented voucher can pay of what is due, share by share.

        `presented` is a token, the address of the QR, or a typed code followed by its PIN. Unknown codes, wrong PINs,
        blocked and locked vouchers are refused in one sentence (`NotFound`).
        """
        voucher = find(presented)
        programme = session.get_one(Programme, voucher.programme_id)
        room = queries.sum_spendable(voucher, {share.outlet_id for share in due.shares if share.outlet_id})
        per_share = {s.ref_id: min(s.cents, room.get(s.outlet_id, 0)) if s.outlet_id else 0 for s in due.shares}
        return MethodOffer(
            method=self.key,
            label=programme.name,
            reference=voucher.id,
            available_cents=queries.calculate_available(voucher.id),
            per_share=per_share,
            note=_describe_places(per_share),
            symbol="gift",
        )

    def hold(self, tender: Tender) -> None:
        """Set the value aside for the tender's shop. Refuses what is not there or not accepted there."""
        row = session.execute(
            HOLD,
            {
                "voucher": tender.reference,
                "operation": uuid7(),
                "actor": tender.payment_id,
                "key": f"hold:{tender.id}",
                "cents": tender.cents,
                "outlet": tender.parts[0].share.outlet_id,
                "expires": now() + HOLD_TTL,
                "at": now(),
            },
        ).one()
        if row.outcome == Outcome.INSUFFICIENT:
            raise errors.balance_too_low(row.answer)
        if row.outcome == Outcome.OUTSIDE_NETWORK:
            raise errors.voucher_outside_network()
        if row.outcome != Outcome.DONE:
            raise errors.voucher_not_redeemable()

    def capture(self, tender: Tender) -> None:
        """Owe the held value to the shop. A second call changes nothing; no hold is a fault (`NoSuchStep`)."""
        self._end(CAPTURE, OperationKind.CAPTURE, tender)

    def release(self, tender: Tender) -> None:
        """Give the held value back to its lots. A second call, or no hold, changes nothing."""
        self._end(RELEASE, OperationKind.RELEASE, tender)

    def refund(self, tender: Tender, cents: int, key: str) -> None:
        """Give back `cents` of what was captured to the lots it came from. Refuses more than was captured."""
        captured = _find_operation(tender, f"capture:{tender.id}")
        if captured is None:
            raise errors.nothing_captured()
        values = {"redemption": captured, "cents": cents, "reason": "refund", "key": f"refund:{key}"}
        outcome = session.execute(REFUND, values | _common(tender)).one().outcome
        if outcome != Outcome.DONE:
            raise errors.refund_too_high()

    def _end(self, statement: sa.TextClause, verb: OperationKind, tender: Tender) -> None:
        hold = _find_operation(tender, f"hold:{tender.id}")
        if hold is None:
            if verb == OperationKind.RELEASE:
                return
            raise states.NoSuchStep(f"Tender {tender.id}: captured without a hold")
        values = {"voucher": tender.reference, "hold": hold, "key": f"{verb}:{tender.id}"}
        outcome = session.execute(statement, values | _common(tender)).one().outcome
        if outcome != Outcome.DONE and (verb, outcome) != (OperationKind.RELEASE, Outcome.ALREADY_ENDED):
            raise states.NoSuchStep(f"Tender {tender.id}: {verb} of a hold says {outcome}")


def find(presented: str) -> Voucher:
    """Find the spendable voucher behind what a shopper gave: token, address, a wallet's code, or "code PIN".

    Refuses all else the same way, but says when a wallet's code has expired (`Refused`). Five wrong PINs lock the code
    for use without a till; the count stays, whatever becomes of the request.
    """
    credential = credentials.read_proving(presented)
    voucher = queries.find_by_token_hash(credential.hash) if credential else None
    if voucher is None:
        voucher_id = _find_by_pin(presented)
        voucher = session.get(Voucher, voucher_id, populate_existing=True) if voucher_id else None
    if voucher is None or not queries.is_spendable(voucher):
        raise errors.voucher_not_accepted()
    return voucher


def _find_by_pin(presented: str) -> UUID | None:
    words = presented.strip()[:80].split()
    pin = words[-1] if words else ""
    code = codes.read_code("".join(words[:-1])) or ""
    found = call(BY_PIN, code=codes.hash_code(code), pin=codes.hash_pin(code, pin), at=now())[0][0]
    return UUID(str(found)) if found else None


def _common(tender: Tender) -> dict[str, Any]:
    return {"operation": uuid7(), "actor": tender.payment_id, "at": now()}


def _find_operation(tender: Tender, key: str) -> UUID | None:
    found: UUID | None = session.scalar(
        sa.select(VoucherOperation.id).where(
            VoucherOperation.actor_id == tender.payment_id,
            VoucherOperation.key == key,
            VoucherOperation.outcome == Outcome.DONE,
        )
    )
    return found


def _describe_places(per_share: dict[UUID, int]) -> str | None:
    if all(per_share.values()):
        return None
    if any(per_share.values()):
        return _("Gilt nur in einem Teil der Geschäfte Ihres Warenkorbs.")
    return _("Gilt in keinem der Geschäfte Ihres Warenkorbs.")


@job("vouchers.release_expired_holds", every="*/10 * * * *")
def release_expired_holds() -> None:
    """Give back what a payment forgot to decide about. The key is the hold's own: two jobs cannot release twice.

    While the payment is not decided its hold stays, however long a bank takes: released, it could never be finished.
    """
    ended = sa.orm.aliased(VoucherOperation)
    query = (
        sa.select(VoucherOperation.voucher_id, VoucherOperation.id, VoucherOperation.actor_id)
        .where(
            VoucherOperation.kind == OperationKind.HOLD,
            VoucherOperation.outcome == Outcome.DONE,
            VoucherOperation.expires_at < now(),
            ~sa.exists().where(Payment.id == VoucherOperation.actor_id, Payment.state.not_in(states.ENDED)),
            ~sa.exists().where(
                ended.voucher_id == VoucherOperation.voucher_id,
                ended.ref_id == VoucherOperation.id,
                ended.outcome == Outcome.DONE,
                ended.kind.in_(HOLD_ENDED),
            ),
        )
        .order_by(VoucherOperation.voucher_id, VoucherOperation.id)
        .limit(MAX_RELEASED_HOLDS)
    )
    for voucher_id, hold_id, actor_id in session.execute(query).all():
        values = {"voucher": voucher_id, "hold": hold_id, "operation": uuid7(), "actor": actor_id}
        session.execute(RELEASE, values | {"key": f"expired:{hold_id}", "at": now()})
