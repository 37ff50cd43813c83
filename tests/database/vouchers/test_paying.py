"""The voucher as a payment method: held, captured, released, given back; and its PIN."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.database import session, transact, uuid7
from money.payments import methods, states
from money.payments.models import PaymentShare, Tender, TenderPart
from money.payments.payables import AmountDue, Share
from tests.builders import vouchers as build
from tests.builders.booking import balance, counts, findings
from tests.builders.threads import at_once
from vouchers.stored_value import access, payment_method, queries
from vouchers.stored_value.models import Voucher, VoucherOperation
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def tender_of(voucher_id: UUID, outlet_id: UUID, cents: int) -> Tender:
    """A tender for one shop's share, as a payment hands it to the method. No payment is stored."""
    tender = Tender(id=uuid7(), payment_id=uuid7(), method="voucher", cents=cents, reference=voucher_id)
    tender.parts = [TenderPart(share=PaymentShare(outlet_id=outlet_id), cents=cents)]
    session.commit()
    return tender


def act(verb: str, tender: Tender, *more: object) -> None:
    transact(getattr(methods.of("voucher"), verb), tender, *more)


def owed_to(*outlets: UUID, cents: int = 10_00) -> AmountDue:
    shares = tuple(Share(uuid7(), outlet, uuid7(), cents, "Anteil") for outlet in outlets)
    return AmountDue(cents * len(shares), "Warenkorb", shares, "seller", uuid7(), "a@example.org")


def test_what_is_held_is_nobody_elses_and_still_the_holders(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tender = tender_of(voucher.voucher_id, shop.outlet_id, 40_00)
    act("hold", tender)
    assert (balance("VL", voucher.voucher_id), balance("VH", voucher.voucher_id)) == (60_00, 40_00)
    assert queries.calculate_available(voucher.voucher_id) == 60_00
    with pytest.raises(errors.NotEnough):
        redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 60_01, str(uuid4())))
    assert balance("KR", shop.outlet_id) == 0


def test_capture_owes_the_shop_of_the_share_once(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tender = tender_of(voucher.voucher_id, shop.outlet_id, 40_00)
    for _twice in range(2):
        act("hold", tender)
    for _twice in range(2):
        act("capture", tender)
    assert (balance("VL", voucher.voucher_id), balance("VH", voucher.voucher_id)) == (60_00, 0)
    assert balance("KR", shop.outlet_id) == 40_00
    assert counts(voucher.voucher_id) == (3, 3, 3)


def test_release_gives_back_and_without_a_hold_does_nothing(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tender = tender_of(voucher.voucher_id, shop.outlet_id, 100_00)
    act("release", tender)
    act("hold", tender)
    assert session.get_one(Voucher, voucher.voucher_id, populate_existing=True).state == "active"
    for _twice in range(2):
        act("release", tender)
    assert (balance("VL", voucher.voucher_id), balance("VH", voucher.voucher_id)) == (100_00, 0)
    with pytest.raises(states.NoSuchStep):
        act("capture", tender)


def test_a_hold_over_two_lots_goes_back_to_both(context: Flask) -> None:
    programme, shop, voucher = build.scene(100_00)
    build.load(programme.id, voucher.voucher_id, 20_00, kind="bonus", origin_id=uuid4(), days=30)
    tender = tender_of(voucher.voucher_id, shop.outlet_id, 50_00)
    act("hold", tender)
    assert (balance("VB", voucher.voucher_id), balance("VH", voucher.voucher_id)) == (0, 50_00)
    act("release", tender)
    assert (balance("VB", voucher.voucher_id), balance("VL", voucher.voucher_id)) == (20_00, 100_00)


def test_a_refund_goes_to_the_lots_and_never_exceeds(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tender = tender_of(voucher.voucher_id, shop.outlet_id, 40_00)
    act("hold", tender)
    act("capture", tender)
    for _twice in range(2):
        act("refund", tender, 15_00, "erste")
    assert (balance("VL", voucher.voucher_id), balance("KR", shop.outlet_id)) == (75_00, 25_00)
    with pytest.raises(errors.Refused):
        act("refund", tender, 25_01, "zweite")
    act("refund", tender, 25_00, "dritte")
    assert (balance("VL", voucher.voucher_id), balance("KR", shop.outlet_id)) == (100_00, 0)


def test_holds_and_redemptions_at_once_never_spend_more_than_there_is(app: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    tenders = [tender_of(voucher.voucher_id, shop.outlet_id, 30_00) for _n in range(4)]
    session.remove()

    def spend(what: Tender | None) -> object:
        if what:
            return act("hold", what)
        return redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 30_00, str(uuid4())))

    results = at_once(app, spend, [*tenders, None, None, None, None])
    assert len([r for r in results if isinstance(r, errors.NotEnough)]) == 5
    assert queries.calculate_available(voucher.voucher_id) == 10_00


def test_a_hold_where_the_voucher_is_not_accepted_is_refused(context: Flask) -> None:
    _programme, _shop, voucher = build.scene(100_00)
    tender = tender_of(voucher.voucher_id, build.outlet().id, 40_00)
    before = counts(voucher.voucher_id)
    with pytest.raises(errors.Refused) as refusal:
        act("hold", tender)
    assert refusal.value.code == "outside_network"
    assert counts(voucher.voucher_id) == before


def test_a_forgotten_hold_is_given_back(context: Flask) -> None:
    _programme, shop, voucher = build.scene(100_00)
    act("hold", tender_of(voucher.voucher_id, shop.outlet_id, 40_00))
    transact(payment_method.release_expired_holds)
    assert queries.calculate_available(voucher.voucher_id) == 60_00
    with clock.at(clock.now() + payment_method.HOLD_TTL + timedelta(minutes=1)):
        for _twice in range(2):
            transact(payment_method.release_expired_holds)
    assert queries.calculate_available(voucher.voucher_id) == 100_00


def test_an_offer_says_which_share_the_voucher_can_pay(context: Flask) -> None:
    programme, shop, voucher = build.scene(25_00)
    owed = owed_to(shop.outlet_id, build.outlet().id)
    session.commit()
    for given in (voucher.token, f"https://markt.example/g#{voucher.token}", f"{voucher.code.lower()} {voucher.pin}"):
        offer = methods.of("voucher").offer(owed, given)
        assert offer is not None
        assert (offer.reference, offer.available_cents) == (voucher.voucher_id, 25_00)
        assert list((offer.per_share or {}).values()) == [10_00, 0]
        assert offer.label == programme.name


def test_five_wrong_pins_lock_the_code_and_the_answer_is_always_the_same(context: Flask) -> None:
    _programme, shop, voucher = build.scene(25_00)
    owed = owed_to(shop.outlet_id)
    wrong = f"{(int(voucher.pin) + 1) % 10**6:06d}"
    said = set()
    for given in [f"{voucher.code} {wrong}"] * 5 + [
        f"{voucher.code} {voucher.pin}",
        "0000-0000-000 123456",
        "x",
        "ML1",
    ]:
        with pytest.raises(errors.NotFound) as refusal:
            methods.of("voucher").offer(owed, given)
        session.rollback()
        said.add((str(refusal.value.sentence), refusal.value.code))
    assert len(said) == 1
    assert methods.of("voucher").offer(owed, voucher.token) is not None
    assert redeeming.redeem(shop.token, RedemptionOrder(voucher.code, 1, str(uuid4()))).body["remaining_cents"] == 24_99
    transact(access.unlock, voucher.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="per E-Mail")
    assert methods.of("voucher").offer(owed, f"{voucher.code} {voucher.pin}") is not None


def test_a_right_pin_forgets_the_wrong_ones(context: Flask) -> None:
    _programme, shop, voucher = build.scene(25_00)
    owed = owed_to(shop.outlet_id)
    wrong = f"{(int(voucher.pin) + 1) % 10**6:06d}"
    for _round in range(3):
        for _n in range(4):
            with pytest.raises(errors.NotFound):
                methods.of("voucher").offer(owed, f"{voucher.code} {wrong}")
        assert methods.of("voucher").offer(owed, f"{voucher.code}{' '}{voucher.pin}") is not None


def test_operations_cannot_be_changed_and_vouchers_not_written_by_the_application(context: Flask) -> None:
    _programme, _shop, voucher = build.scene(25_00)
    for statement in (
        "UPDATE lot SET balance = 100000",
        "UPDATE voucher SET state = 'active'",
        "DELETE FROM voucher_operation",
        "INSERT INTO operation_part VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 1, 1, false)",
        f"SELECT voucher_record_operation({', '.join(['NULL'] * 20)})",
    ):
        with pytest.raises(sa.exc.DBAPIError):
            session.execute(sa.text(statement))
        session.rollback()
    stored = session.scalars(sa.select(VoucherOperation).where(VoucherOperation.voucher_id == voucher.voucher_id)).all()
    assert [(o.kind, o.cents, o.version) for o in stored] == [("issue", 25_00, 1)]
