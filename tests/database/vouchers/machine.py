"""Random acts on real vouchers, chosen by Hypothesis, each compared with the plain model to the cent."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from foundation import clock, errors
from foundation.database import transact, uuid7
from tests.builders import vouchers as build
from tests.builders.threads import at_once
from tests.builders.voucher_model import MOST, SPENDABLE, Taking, Voucher
from tests.database.vouchers.ground import PLACES, Ground
from vouchers.stored_value import access, deductions, issuing
from vouchers.stored_value.issuing import Funding
from vouchers.tills import calls, holds, redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder

AMOUNTS = st.one_of(st.integers(1, 60_00), st.sampled_from([1, 10_00, 25_00, 50_00, 100_00]))
PICK = st.integers(0, 10**6)
KINDS = st.sampled_from(["bonus", "employer", "goodwill"])


class Machine(Ground):
    """What can happen to a few vouchers of one programme."""

    @precondition(lambda self: len(self.vouchers) < 4)
    @rule(cents=st.integers(10_00, MOST))
    def issue(self, cents: int) -> None:
        self.issue_one(cents)

    @rule(days=st.sampled_from([0, 1, 12, 35]))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days, seconds=1)

    @rule(
        pick=PICK, cents=AMOUNTS, kind=st.sampled_from(["bonus", "employer", "goodwill"]), rank=st.sampled_from([-1, 0])
    )
    def load(self, pick: int, cents: int, kind: str, rank: int) -> None:
        voucher, origin = self.one(pick), uuid7()
        areas = ["59"] if kind == "employer" else None

        def act() -> None:
            funding = build.paid_in(self.programme.id, cents, "CB", origin)
            ends = clock.today() + timedelta(days=30) if kind == "bonus" else None
            issuing.load(
                voucher.id,
                cents,
                terms=issuing.LotTerms(
                    kind=kind, origin_id=origin, ends_on=ends, spend_rank=rank, postcode_areas=areas
                ),
                funding=funding,
                actor_id=origin,
                key="load",
            )

        came = self.attempt(lambda: transact(act))
        if voucher.state in SPENDABLE and voucher.balance + cents <= MOST:
            assert came is None
            self.know_new_lot(voucher)
        else:
            assert came.code in ("voucher_not_loadable", "charter_most")

    @rule(pick=PICK, place=PICK, cents=AMOUNTS)
    def redeem(self, pick: int, place: int, cents: int) -> None:
        voucher, (shop, postcode), key = self.one(pick), self.shop(place), str(uuid4())
        came = self.attempt(lambda: redeeming.redeem(shop.token, RedemptionOrder(voucher.token, cents, key)))
        self._taken(voucher, shop, postcode, cents, key, came)

    def _taken(self, voucher: Voucher, shop: build.Shop, postcode: str, cents: int, key: str, came: Any) -> None:
        free = voucher.free(self.day, postcode)
        if voucher.state not in SPENDABLE:
            assert isinstance(came, errors.NotFound), came
        elif free < cents:
            assert isinstance(came, errors.NotEnough), came
            assert came.details == {"remaining_cents": free}
        else:
            assert (came.replay, came.body["amount_cents"], came.body["remaining_cents"]) == (
                False,
                cents,
                free - cents,
            )
            parts = voucher.split(cents, self.day, postcode)
            told = [(b["kind"], b["amount_cents"]) for b in came.body["buckets"] if b["amount_cents"]]
            assert sorted(told) == sorted((lot.kind, share) for lot, share in parts)
            for lot, share in parts:
                lot.balance -= share
            voucher.settle()
            self.owed[shop.outlet_id] += cents
            self.takings.append(Taking(UUID(came.body["redemption_id"]), voucher, shop.outlet_id, self.day, parts))
            self.keys.append((key, shop, voucher, voucher.token, cents, came.body))

    @rule(pick=PICK, other=st.booleans())
    def ask_again_with_the_same_key(self, pick: int, other: bool) -> None:
        if not self.keys:  # no precondition: races decide what is there, and rules must not hang on them
            return
        key, shop, _voucher, token, cents, body = self.keys[pick % len(self.keys)]
        came = self.attempt(lambda: redeeming.redeem(shop.token, RedemptionOrder(token, cents + int(other), key)))
        if other:
            assert isinstance(came, errors.Invalid), came
            assert came.code == "key_reused"
        else:
            assert (came.replay, came.body) == (True, body)

    @rule(pick=PICK, shares=st.lists(st.integers(1, 120), min_size=2, max_size=3), one_key=st.booleans())
    def redeem_at_once(self, pick: int, shares: list[int], one_key: bool) -> None:
        """Several tills at the same moment, on the same voucher; or one impatient till with one key.

        `shares` are percents of what is free: most races have something to take, whoever comes first.
        """
        voucher, shop, key = self.one(pick), self.shops["home"], str(uuid4())
        free = voucher.free(self.day, PLACES["home"])
        amounts = [max(1, free * share // 100) for share in shares]
        wanted = [(amounts[0], key)] * len(amounts) if one_key else [(cents, str(uuid4())) for cents in amounts]
        moment, token = self.now, voucher.token

        def act(wish: tuple[int, str]) -> Any:
            with clock.at(moment):
                return redeeming.redeem(shop.token, RedemptionOrder(token, wish[0], wish[1]))

        came = at_once(self.app, act, wanted)
        assert all(isinstance(c, (calls.TillAnswer, errors.NotEnough, errors.NotFound)) for c in came), came
        done = [(c, wish) for c, wish in zip(came, wanted, strict=True) if isinstance(c, calls.TillAnswer)]
        for answer, (cents, with_key) in sorted(done, key=lambda pair: -pair[0].body["remaining_cents"]):
            if not answer.replay:
                self._taken(voucher, shop, PLACES["home"], cents, with_key, answer)
        if one_key:
            assert [c.replay for c, _wish in done].count(False) == min(len(done), 1)
        left = voucher.free(self.day, PLACES["home"])
        for refusal, (cents, _key) in zip(came, wanted, strict=True):
            if isinstance(refusal, errors.NotEnough):
                assert cents > left

    @precondition(lambda self: len(self.vouchers) > 1)
    @rule(first=PICK, cents=st.integers(1, 5_00))
    def one_key_on_two_vouchers_at_once(self, first: int, cents: int) -> None:
        pair = [self.one(first), self.one(first + 1)]
        if any(v.state not in SPENDABLE or v.free(self.day, PLACES["home"]) < cents for v in pair):
            return
        shop, key, moment = self.shops["home"], str(uuid4()), self.now

        def act(voucher: Voucher) -> Any:
            with clock.at(moment):
                return redeeming.redeem(shop.token, RedemptionOrder(voucher.token, cents, key))

        came = at_once(self.app, act, pair)
        done = [(c, v) for c, v in zip(came, pair, strict=True) if isinstance(c, calls.TillAnswer)]
        assert len(done) == 1, came
        self._taken(done[0][1], shop, PLACES["home"], cents, key, done[0][0])

    @rule(pick=PICK, place=PICK, cents=AMOUNTS)
    def hold(self, pick: int, place: int, cents: int) -> None:
        voucher, (shop, postcode) = self.one(pick), self.shop(place)
        came = self.attempt(
            lambda: holds.hold(shop.token, voucher.token, cents=cents, key=str(uuid4()), expires_in_seconds=600)
        )
        free = voucher.free(self.day, postcode)
        if voucher.state not in SPENDABLE:
            assert isinstance(came, errors.NotFound), came
        elif free < cents:
            assert came.details == {"remaining_cents": free}
        else:
            parts = voucher.split(cents, self.day, postcode)
            for lot, share in parts:
                lot.held += share
            expires = self.now + timedelta(seconds=600)
            self.holds.append(
                Taking(UUID(came.body["hold_id"]), voucher, shop.outlet_id, self.day, parts, expires=expires)
            )

    @rule(pick=PICK, capture=st.booleans())
    def end_hold(self, pick: int, capture: bool) -> None:
        if not self.holds:
            return
        held = self.holds[pick % len(self.holds)]
        shop = next(s for s in self.shops.values() if s.outlet_id == held.shop)
        verb = holds.capture if capture else holds.release
        came = self.attempt(lambda: verb(shop.token, held.id, key=str(uuid4())))
        if capture and held.expires and held.expires <= self.now:
            assert came.code == "hold_expired"
            return
        assert came.body["amount_cents"] == held.cents
        self.holds.remove(held)
        for lot, share in held.parts:
            lot.held -= share
            lot.balance -= share if capture else 0
        if capture:
            held.voucher.settle()
            self.owed[held.shop] += held.cents
            self.takings.append(Taking(UUID(came.body["redemption_id"]), held.voucher, held.shop, self.day, held.parts))
        again = self.attempt(lambda: verb(shop.token, held.id, key=str(uuid4())))
        assert again.code == "hold_already_ended"

    @rule(pick=PICK, cents=AMOUNTS)
    def refund(self, pick: int, cents: int) -> None:
        if not self.takings:
            return
        taking = self.takings[pick % len(self.takings)]
        shop = next(s for s in self.shops.values() if s.outlet_id == taking.shop)
        came = self.attempt(
            lambda: returns.refund(shop.token, taking.id, cents=cents, key=str(uuid4()), reason="Ware zurück")
        )
        if cents > taking.returnable:
            assert (came.code, came.details) == ("more_than_redeemed", {"returnable_cents": taking.returnable})
            return
        lapsed = taking.voucher.put_back(taking, cents, self.day)
        assert (came.body["amount_cents"], came.body["lapsed_cents"]) == (cents, lapsed)
        self.owed[taking.shop] -= cents

    @rule(pick=PICK)
    def void(self, pick: int) -> None:
        if not self.takings:
            return
        taking = self.takings[pick % len(self.takings)]
        shop = next(s for s in self.shops.values() if s.outlet_id == taking.shop)
        came = self.attempt(lambda: returns.void(shop.token, taking.id, key=str(uuid4()), reason="Irrtum"))
        if taking.back:
            assert came.code == "already_returned"
        elif taking.day != self.day:
            assert came.code == "another_day"
        else:
            assert came.body["amount_cents"] == taking.cents
            taking.voucher.put_back(taking, taking.cents, self.day)
            self.owed[taking.shop] -= taking.cents

    @rule(pick=PICK)
    def withdraw(self, pick: int) -> None:
        origin = self.one(pick).origin
        holder = next((v for v in self.vouchers if v.state != "replaced" and origin in _origins(v)), None)
        assert origin

        def act() -> deductions.Deduction:
            credit = Funding("KZ", origin)
            came = deductions.withdraw(origin, actor_id=uuid7(), key="back", credit=credit, reason="Widerruf")
            if came.cents:
                build.paid_out(self.programme.id, came.cents, origin)
            return came

        came = self.attempt(lambda: transact(act))
        if holder is None:  # all of it was gone before the merger
            assert came.cents == 0
            return
        lot = next(lot for lot in holder.lots.values() if lot.origin == origin)
        if lot.held:
            assert came.code == "voucher_held"
            return
        assert (came.voucher_id, came.cents) == (holder.id, lot.free)
        if lot.free:
            lot.balance = 0
            if not holder.balance:
                holder.state = "withdrawn"

    @rule(pick=PICK, place=PICK)
    def lapse(self, pick: int, place: int) -> None:
        voucher = self.one(pick)
        lot = list(voucher.lots.values())[place % len(voucher.lots)]
        credit = Funding("CB", lot.origin) if lot.kind == "bonus" else Funding("BE")
        came = self.attempt(
            lambda: transact(
                deductions.lapse,
                deductions.LotKey(voucher.id, lot.id),
                actor_id=uuid7(),
                key="lapse",
                credit=credit,
                reason="Ende",
            )
        )
        refusal = _cannot_take_out(voucher, lot.free, lot.free)
        if voucher.state != "replaced" and lot.end >= self.day:
            refusal = "voucher_not_ended"
        if refusal:
            assert came.code == refusal
            return
        assert came == lot.free
        lot.balance -= came
        voucher.settle()

    @rule(pick=PICK, place=PICK, cents=AMOUNTS)
    def adjust(self, pick: int, place: int, cents: int) -> None:
        voucher = self.one(pick)
        lot = list(voucher.lots.values())[place % len(voucher.lots)]
        came = self.attempt(
            lambda: transact(
                deductions.reduce,
                deductions.LotKey(voucher.id, lot.id),
                cents,
                actor_id=uuid7(),
                key="adjust",
                credit=Funding("CB", lot.origin) if lot.kind == "bonus" else Funding("WK"),
                reason="Irrtum",
            )
        )
        refusal = _cannot_take_out(voucher, cents, lot.free)
        if refusal:
            assert came.code == refusal
            return
        assert came == cents
        lot.balance -= cents
        voucher.settle()

    @precondition(lambda self: len(self.vouchers) > 1)
    @rule(first=PICK, second=PICK)
    def merge(self, first: int, second: int) -> None:
        old, new = self.one(first), self.one(second)
        came = self.attempt(
            lambda: transact(deductions.merge, old.id, new.id, actor_id=uuid7(), key="merge", reason="einer genügt")
        )
        refusal = old.cannot_merge_into(new)
        if refusal:
            assert came.code == refusal
            return
        assert came == old.carry_over(new)
        old.state, old.successor = "replaced", new

    @rule(pick=PICK)
    def block_or_unblock(self, pick: int) -> None:
        voucher = self.one(pick)
        verb = access.unblock if voucher.state == "blocked" else access.block
        came = self.attempt(lambda: transact(verb, voucher.id, actor_id=uuid7(), key="mark", reason="verloren"))
        if voucher.state in SPENDABLE:
            voucher.state = "blocked"
        elif voucher.state == "blocked":
            voucher.state = "active"
            voucher.settle()
        else:
            assert isinstance(came, errors.Refused)

    @rule(pick=PICK)
    def renew(self, pick: int) -> None:
        voucher, old = self.one(pick), self.one(pick).token
        came = self.attempt(
            lambda: transact(access.renew, voucher.id, actor_id=uuid7(), key="renew", reason="verloren")
        )
        if voucher.state in ("withdrawn", "replaced"):
            assert isinstance(came, errors.Refused)
            return
        voucher.token = came.token
        gone = self.attempt(lambda: redeeming.redeem(self.shops["home"].token, RedemptionOrder(old, 1, str(uuid4()))))
        assert isinstance(gone, errors.NotFound)


def _origins(voucher: Voucher) -> list[UUID | None]:
    return [lot.origin for lot in voucher.lots.values() if lot.kind == "paid"]


def _cannot_take_out(voucher: Voucher, cents: int, free: int) -> str | None:
    if voucher.state == "replaced":
        return "voucher_ended"
    if cents < 1:
        return "voucher_nothing_left"
    return "voucher_insufficient" if cents > free else None
