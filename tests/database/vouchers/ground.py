"""The ground of the machine: a programme, shops here, elsewhere and of another issuer, and what must always be true."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from hypothesis.errors import HypothesisException
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from foundation import clock, errors
from foundation.database import session, uuid7
from money.ledger import proof
from money.ledger.marks import Position
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.voucher_model import Lot, Taking, Voucher
from vouchers.stored_value import queries
from vouchers.stored_value.models import Reciprocity

PROVEN_EVERY = 40
PLACES = {"home": "48653", "away": "59348", "host": "48249"}


class Ground(RuleBasedStateMachine):
    """One programme, its shops here and elsewhere, the shop of another issuer, and a few vouchers."""

    app: Flask  # the application whose database it works on
    disagreements: list[Exception]  # a race may be seen once and not again: what was seen is kept

    @initialize()
    def open_shops(self) -> None:
        self.context = self.app.app_context()
        self.context.push()
        self.proven: Position | None = None
        self.vouchers: list[Voucher] = []
        self.takings: list[Taking] = []
        self.holds: list[Taking] = []
        self.keys: list[tuple[str, build.Shop, Voucher, str, int, dict[str, Any]]] = []
        self.owed: dict[UUID, int] = {}
        self.steps = 0
        self.programme, theirs = build.programme(), build.programme()
        places = [build.accepting_shop(p.id) for p in (self.programme, self.programme, theirs)]
        self.shops = dict(zip(PLACES, places, strict=True))
        for name, shop in self.shops.items():
            session.get_one(Outlet, shop.outlet_id).postcode = PLACES[name]
            self.owed[shop.outlet_id] = 0
        self.host = theirs.issuer_id
        session.add(Reciprocity(programme_id=self.programme.id, host_programme_id=theirs.id))
        session.commit()
        self.now: datetime = clock.now() + timedelta(seconds=1)
        self.issue_one(100_00)

    def issue_one(self, cents: int) -> None:
        origin = uuid7()
        with clock.at(self.now):
            made = build.voucher(self.programme.id, cents, origin_id=origin)
            session.commit()
        voucher = Voucher(made.voucher_id, made.token, origin)
        self.know_new_lot(voucher)
        self.vouchers.append(voucher)

    def know_new_lot(self, voucher: Voucher) -> None:
        for row in queries.list_lots(voucher.id):
            if row.id not in voucher.lots:
                voucher.lots[row.id] = Lot(
                    row.id,
                    row.kind,
                    row.spend_rank,
                    row.legal_end,
                    row.postcode_areas,
                    row.issued_cents,
                    0,
                    row.origin_id,
                )
        session.rollback()
        voucher.settle()

    @property
    def day(self) -> Any:
        return clock.berlin(self.now).date()

    def one(self, pick: int) -> Voucher:
        return self.vouchers[pick % len(self.vouchers)]

    def shop(self, pick: int) -> tuple[build.Shop, str]:
        name = list(PLACES)[pick % len(PLACES)]
        return self.shops[name], PLACES[name]

    def attempt(self, act: Callable[[], Any]) -> Any:
        """What came of it: the answer, or the refusal."""
        try:
            with clock.at(self.now):
                return act()
        except errors.DomainError as refusal:
            session.rollback()
            return refusal

    @invariant()
    def the_database_says_the_same(self) -> None:
        if not getattr(self, "vouchers", None):
            return
        rows = session.execute(
            sa.text(
                "SELECT v.id, v.state, l.id, l.balance, l.held FROM voucher v JOIN lot l ON l.voucher_id = v.id"
                " WHERE v.id = ANY (:ids)"
            ),
            {"ids": [v.id for v in self.vouchers]},
        ).all()
        session.rollback()
        expected = {(v.id, v.state, lot.id, lot.balance, lot.held) for v in self.vouchers for lot in v.lots.values()}
        assert {tuple(row) for row in rows} == expected
        self.steps += 1
        if self.steps % PROVEN_EVERY == 0:
            self._prove()

    def _prove(self) -> None:
        for outlet_id, cents in self.owed.items():
            assert balance("KR", outlet_id) == cents
        assert balance("CL", self.host) == self.owed[self.shops["host"].outlet_id]
        assert findings() == []
        going_on = proof.examine(self.proven)
        assert going_on.findings == []
        self.proven = going_on.position
        session.rollback()

    def teardown(self) -> None:
        seen = sys.exception()
        if isinstance(seen, Exception) and not isinstance(seen, HypothesisException):
            self.disagreements.append(seen)
        if hasattr(self, "context"):
            try:
                self._prove()
            except AssertionError as error:
                self.disagreements.append(error)
                raise
            finally:
                session.remove()
                self.context.pop()
