"""Vouchers under whatever happens: long random lives against a plain model, and the proof of the books at the end."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.database import session, uuid7
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.threads import at_once
from vouchers.stored_value import payment_method, queries
from vouchers.tills import redeeming, returns
from vouchers.tills.redeeming import RedemptionOrder


@dataclass
class Model:
    """What a plain reader expects of one voucher."""

    free: int
    owed: int = 0
    taken: dict[UUID, int] = field(default_factory=dict)
    holds: dict[UUID, int] = field(default_factory=dict)


@dataclass
class Life:
    """One voucher with its shop, and the steps that can happen to it."""

    shop: build.Shop
    voucher_id: UUID
    token: str
    dice: random.Random
    model: Model

    def redeem(self) -> None:
        cents, key = self.dice.randint(1, 30_00), str(uuid4())
        for _again in range(self.dice.choice([1, 1, 2])):
            try:
                answer = redeeming.redeem(self.shop.token, RedemptionOrder(self.token, cents, key))
            except errors.NotEnough as refusal:
                assert cents > self.model.free
                assert refusal.details == {"remaining_cents": self.model.free}  # noqa: PT017 most lives are not refused
                continue
            if not answer.replay:
                assert cents <= self.model.free
                self.model.free -= cents
                self.model.owed += cents
                self.model.taken[UUID(answer.body["redemption_id"])] = cents
            assert answer.body["remaining_cents"] == self.model.free

    def hold(self) -> None:
        cents = self.dice.randint(1, 30_00)
        values = {"voucher": self.voucher_id, "operation": uuid7(), "actor": uuid7(), "key": str(uuid4())}
        values |= {"cents": cents, "outlet": self.shop.outlet_id}
        values |= {"expires": clock.now() + timedelta(days=1), "at": clock.now()}
        row = session.execute(payment_method.HOLD, values).one()
        session.commit()
        assert (row.outcome == "done") == (cents <= self.model.free)
        if row.outcome == "done":
            self.model.free -= cents
            self.model.holds[row.operation_id] = cents

    def end_hold(self) -> None:
        if not self.model.holds:
            return
        hold = self.dice.choice(sorted(self.model.holds))
        cents = self.model.holds.pop(hold)
        capture = self.dice.random() < 0.5
        values = {"voucher": self.voucher_id, "hold": hold, "actor": uuid7(), "at": clock.now()}
        for outcome in ("done", "already_ended"):
            given = values | {"operation": uuid7(), "key": str(uuid4())}
            row = session.execute(payment_method.CAPTURE if capture else payment_method.RELEASE, given).one()
            assert row.outcome == outcome
            if outcome == "done" and capture:
                self.model.taken[row.operation_id] = cents
        session.commit()
        self.model.owed += cents if capture else 0
        self.model.free += 0 if capture else cents

    def refund(self) -> None:
        if not self.model.taken:
            return
        redemption = self.dice.choice(sorted(self.model.taken))
        left = self.model.taken[redemption]
        cents = self.dice.randint(1, left + 1_00)
        try:
            returns.refund(self.shop.token, redemption, cents=cents, key=str(uuid4()), reason="zurück")
        except errors.Refused as refusal:
            assert cents > left
            assert refusal.details == {"returnable_cents": left}  # noqa: PT017
            return
        assert cents <= left
        self.model.taken[redemption] -= cents
        self.model.free += cents
        self.model.owed -= cents

    def check(self) -> None:
        assert queries.calculate_available(self.voucher_id) == self.model.free
        assert balance("VH", self.voucher_id) == sum(self.model.holds.values())
        assert balance("KR", self.shop.outlet_id) == self.model.owed


@pytest.mark.parametrize("seed", range(4))
def test_a_random_life_agrees_with_a_plain_model(context: Flask, seed: int) -> None:
    programme, shop, voucher = build.scene(150_00)
    build.load(programme.id, voucher.voucher_id, 20_00, kind="bonus", origin_id=uuid4(), days=30)
    life = Life(shop, voucher.voucher_id, voucher.token, random.Random(seed), Model(170_00))
    steps = [life.redeem, life.redeem, life.hold, life.end_hold, life.refund, life.refund]
    for _n in range(60):
        life.dice.choice(steps)()
        life.check()
    assert findings() == []


def test_many_hands_on_one_voucher_leave_right_books(app: Flask, context: Flask) -> None:
    _programme, shop, voucher = build.scene(250_00)

    def act(seed: int) -> None:
        dice = random.Random(seed)
        done: list[UUID] = []
        for _n in range(15):
            if done and dice.random() < 0.4:
                try:
                    returns.refund(shop.token, done.pop(), cents=dice.randint(1, 9_00), key=str(uuid4()), reason="x")
                except errors.Refused:
                    continue
            else:
                try:
                    taken = redeeming.redeem(
                        shop.token, RedemptionOrder(voucher.token, dice.randint(1, 9_00), str(uuid4()))
                    )
                except errors.NotEnough:
                    continue
                done.append(UUID(taken.body["redemption_id"]))

    session.remove()
    assert at_once(app, act, range(8)) == [None] * 8
    assert balance("VL", voucher.voucher_id) + balance("KR", shop.outlet_id) == 250_00
    versions = session.execute(
        sa.text("SELECT count(*), max(version) FROM voucher_operation WHERE voucher_id = :v AND outcome = 'done'"),
        {"v": voucher.voucher_id},
    ).one()
    assert versions[0] == versions[1]
    assert findings() == []
