"""What is watched: hurry, buyers, dealing with oneself, new shops; what it sets off, and who may decide."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotAllowed, NotFound, Refused, TooMany
from people import persons
from people.models import Outlet
from tests.builders import approvals as by_two
from tests.builders import vouchers as build
from tests.builders.booking import findings
from tests.builders.organisations import organisation
from tests.builders.safety import rule_of, sold
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Acceptance, Programme
from vouchers.tills import redeeming, returns
from vouchers.tills.models import Till
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.watch import buyers, cases, holds, jobs, queries, self_dealing, velocity
from vouchers.watch.models import PayoutHold, WatchCase

NEW_NO_MORE = timedelta(days=20)


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


def ground() -> tuple[Programme, build.Shop]:
    """A programme and one of the two shops that have accepted it for a while."""
    programme = build.programme()
    with clock.at(clock.now() - NEW_NO_MORE):
        shop, _second = (build.accepting_shop(programme.id) for _n in range(2))
    session.commit()
    return programme, shop


def redeem(shop: build.Shop, voucher: Issued, cents: int) -> None:
    redeeming.redeem(shop.token, RedemptionOrder(voucher.token, cents, str(uuid4())))


def case_of(rule: str, subject: object) -> WatchCase | None:
    session.expire_all()
    query = sa.select(WatchCase).where(WatchCase.rule == rule, WatchCase.subject == str(subject))
    return session.scalars(query.order_by(WatchCase.opened_at.desc()).limit(1)).one_or_none()


def of_buyer(rule: str, sales: list[str]) -> WatchCase | None:
    session.expire_all()
    found = session.scalars(sa.select(WatchCase).where(WatchCase.rule == rule, WatchCase.state == "open"))
    return next((case for case in found if set(sales) <= set(case.evidence["sales"])), None)


def operator() -> UUID:
    person = by_two.clerk(organisation("operator").id, "operator")
    session.commit()
    return person


def test_a_till_that_takes_too_much_is_named_and_goes_on(context: Flask) -> None:
    programme, shop = ground()
    voucher = build.voucher(programme.id, 100_00)
    session.commit()
    with rule_of("velocity_till", max_number=3):
        for _n in range(3):
            redeem(shop, voucher, 1_00)
        transact(velocity.watch_tills)
        assert case_of("velocity_till", shop.till_id) is None
        redeem(shop, voucher, 1_00)
        transact(velocity.watch_tills)
    case = case_of("velocity_till", shop.till_id)
    assert case is not None
    assert (case.state, case.outlet_id) == ("open", shop.outlet_id)
    assert case.evidence == {"number": 4, "cents": 4_00, "minutes": 10}
    redeem(shop, voucher, 1_00)


def test_a_busy_honest_till_is_never_paused(context: Flask) -> None:
    """849 redemptions in some minutes, typing errors and voids among them."""
    programme, shop = ground()
    many = [build.voucher(programme.id, 100_00) for _n in range(100)]
    session.commit()
    for number in range(849):
        done = redeeming.redeem(shop.token, RedemptionOrder(many[number % 100].token, 1_00, str(uuid4())))
        if number % 50 == 0:
            with pytest.raises(NotFound):
                redeeming.redeem(shop.token, RedemptionOrder("0000-0000-000", 1_00, str(uuid4())))
            returns.void(shop.token, UUID(done.body["redemption_id"]), key=str(uuid4()), reason="Vertippt")
    session.rollback()
    transact(jobs.watch_velocity)
    assert session.get_one(Till, shop.till_id, populate_existing=True).paused_until is None
    case = case_of("velocity_till", shop.till_id)
    assert case is not None  # somebody looks
    redeem(shop, many[0], 1_00)


def guess(shop: build.Shop, _vouchers: list[Issued]) -> None:
    for number in range(16):
        with pytest.raises(NotFound):
            redeeming.redeem(shop.token, RedemptionOrder(f"ML1.{number}", 1_00, str(uuid4())))


def undo(shop: build.Shop, vouchers: list[Issued]) -> None:
    for voucher in vouchers:
        done = redeeming.redeem(shop.token, RedemptionOrder(voucher.token, 1_00, str(uuid4())))
        returns.void(shop.token, UUID(done.body["redemption_id"]), key=str(uuid4()), reason="Probe")


def repeat(shop: build.Shop, vouchers: list[Issued]) -> None:
    for _n in range(13):
        redeem(shop, vouchers[0], 1_00)


PATTERNS = {
    "till_misses": (guess, "misses", "Codes, die es nicht gibt"),
    "till_voids": (undo, "voids", "gleich wieder storniert"),
    "till_repeats": (repeat, "repeats", "sehr oft nacheinander"),
}


@pytest.mark.parametrize("rule", PATTERNS)
def test_what_honest_tills_do_not_do_pauses_one_and_it_says_why_and_for_how_long(context: Flask, rule: str) -> None:
    act, reason, words = PATTERNS[rule]
    programme, shop = ground()
    vouchers = [build.voucher(programme.id, 100_00) for _n in range(11)]
    session.commit()
    act(shop, vouchers)
    transact(jobs.watch_velocity)
    case = case_of(rule, shop.till_id)
    assert case is not None
    assert case.state == "open"
    with pytest.raises(NotAllowed) as refused:
        redeem(shop, vouchers[0], 1_00)
    assert refused.value.code == "till_paused"
    assert refused.value.details["reason_code"] == reason
    until = datetime.fromisoformat(str(refused.value.details["paused_until"]))
    assert timedelta(minutes=14) < until - clock.now() <= timedelta(minutes=15)
    said = str(refused.value.sentence)
    assert f"bis {until:%H:%M} Uhr angehalten" in said
    assert words in said
    transact(cases.decide, case.id, operator(), state="harmless", note="Betriebsfeier, angerufen")
    redeem(shop, vouchers[0], 1_00)


def test_cents_count_as_well_as_numbers_and_old_ones_do_not(context: Flask) -> None:
    programme, shop = ground()
    voucher = build.voucher(programme.id, 200_00)
    session.commit()
    with rule_of("velocity_till", max_cents=100_00):
        with clock.at(clock.now() - timedelta(minutes=11)):
            redeem(shop, voucher, 90_00)
        redeem(shop, voucher, 100_00)
        transact(velocity.watch_tills)
        assert case_of("velocity_till", shop.till_id) is None
        redeem(shop, voucher, 1)
        transact(velocity.watch_tills)
    case = case_of("velocity_till", shop.till_id)
    assert case is not None
    assert case.evidence["cents"] == 100_01


def test_what_a_person_has_just_decided_is_not_reported_again(context: Flask) -> None:
    programme, shop = ground()
    voucher = build.voucher(programme.id, 100_00)
    session.commit()
    with rule_of("velocity_till", max_number=1):
        for _n in range(2):
            redeem(shop, voucher, 1_00)
        transact(velocity.watch_tills)
        case = case_of("velocity_till", shop.till_id)
        assert case is not None
        transact(cases.decide, case.id, operator(), state="harmless", note="nachgesehen")
        transact(velocity.watch_tills)
    again = case_of("velocity_till", shop.till_id)
    assert again is not None
    assert (again.id, again.state) == (case.id, "harmless")
    assert session.get_one(Till, shop.till_id).paused_until is None


def test_a_shop_that_takes_very_much_is_not_paid_until_somebody_looked(context: Flask) -> None:
    programme, shop = ground()
    voucher = build.voucher(programme.id, 100_00)
    second = build.till(shop.outlet_id, "Kasse 2")
    session.commit()
    with rule_of("velocity_shop", max_number=2):
        for till in (shop, second, shop):
            redeem(till, voucher, 1_00)
        transact(velocity.watch_shops)
        transact(velocity.watch_shops)
    case = case_of("velocity_shop", shop.outlet_id)
    assert case is not None
    assert holds.list_hold_reasons(shop.outlet_id) == ["velocity_shop"]
    transact(cases.decide, case.id, operator(), state="harmless", note="Weihnachtsmarkt")
    assert not holds.is_held(shop.outlet_id)


def test_a_voucher_that_was_refused_for_hurry_is_listed(context: Flask) -> None:
    programme, shop = ground()
    programme.velocity_limit = 60
    voucher = build.voucher(programme.id, 100_00)
    session.commit()
    for _n in range(60):
        redeem(shop, voucher, 1)
    with pytest.raises(TooMany) as refused:
        redeem(shop, voucher, 1)
    assert refused.value.code == "velocity_voucher"
    transact(velocity.watch_vouchers)
    case = case_of("velocity_voucher", voucher.voucher_id)
    assert case is not None
    assert (case.evidence["refused"], case.programme_id) == (1, programme.id)


def test_somebody_who_buys_very_much_is_listed_without_the_address(context: Flask) -> None:
    programme, _shop = ground()
    email = f"{uuid4().hex}@example.org"
    numbers = [sold(programme.id, 20_00, buyer=email.upper() if n else email).number for n in range(11)]
    session.commit()
    transact(buyers.watch_buyers)
    case = of_buyer("velocity_buyer", numbers)
    assert case is not None
    assert (case.evidence["number"], case.evidence["cents"]) == (11, 220_00)
    assert case.evidence["who"] == f"{email[0]}…@example.org"
    assert email not in f"{case.evidence}{case.subject}"


def test_many_vouchers_for_one_recipient_are_listed_whoever_buys(context: Flask) -> None:
    programme, _shop = ground()
    to = f"{uuid4().hex}@example.org"
    numbers = [sold(programme.id, 20_00, recipient=to).number for _n in range(11)]
    session.commit()
    transact(buyers.watch_recipients)
    transact(buyers.watch_buyers)
    assert of_buyer("velocity_recipient", numbers) is not None
    assert of_buyer("velocity_buyer", numbers[:1]) is None


def test_many_letters_to_one_house_are_listed(context: Flask) -> None:
    programme, _shop = ground()
    numbers = [
        sold(programme.id, 20_00, street=f"Ma{'R' if n else 'r'}kt 7 {programme.slug}").number for n in range(11)
    ]
    session.commit()
    transact(buyers.watch_recipients)
    case = of_buyer("velocity_recipient", numbers)
    assert case is not None
    assert case.evidence["who"] == "m…, 48653 coesfeld"


@pytest.mark.parametrize(("amounts", "listed"), [([240_00] * 3, True), ([240_00] * 2, False), ([100_00] * 3, False)])
def test_purchases_just_below_the_limit_are_listed(context: Flask, amounts: list[int], listed: bool) -> None:
    programme, _shop = ground()
    email = f"{uuid4().hex}@example.org"
    numbers = [sold(programme.id, cents, buyer=email).number for cents in amounts]
    session.commit()
    transact(buyers.watch_structuring)
    assert (of_buyer("structuring", numbers) is not None) == listed


def quickly(programme: Programme, shop: build.Shop, minutes: int = 5, share: int = 100, buyer: str = "") -> str:
    """A voucher that was bought and spent in the shop some minutes later."""
    with clock.at(clock.now() - timedelta(hours=2)):
        sale = sold(programme.id, 50_00, buyer=buyer or None)
        session.commit()
        with clock.at(clock.now() + timedelta(minutes=minutes)):
            redeem(shop, sale.voucher, 50_00 * share // 100)
    return sale.number


def test_card_to_cash_in_one_shop_holds_its_payout_when_it_is_repeated(context: Flask) -> None:
    programme, shop = ground()
    first = quickly(programme, shop)
    transact(self_dealing.watch_self_dealing)
    case = case_of("self_dealing", shop.outlet_id)
    assert case is not None
    assert (case.evidence["sales"], holds.is_held(shop.outlet_id)) == ([first], False)
    second = quickly(programme, shop)
    transact(self_dealing.watch_self_dealing)
    case = case_of("self_dealing", shop.outlet_id)
    assert case is not None
    assert case.evidence["sales"] == sorted([first, second])
    assert holds.list_hold_reasons(shop.outlet_id) == ["self_dealing"]


@pytest.mark.parametrize(("minutes", "share"), [(31, 100), (5, 80)])
def test_an_ordinary_purchase_is_no_self_dealing(context: Flask, minutes: int, share: int) -> None:
    programme, shop = ground()
    quickly(programme, shop, minutes, share)
    transact(self_dealing.watch_self_dealing)
    assert case_of("self_dealing", shop.outlet_id) is None


def test_decided_sales_do_not_come_again_and_new_ones_do(context: Flask) -> None:
    programme, shop = ground()
    quickly(programme, shop)
    transact(self_dealing.watch_self_dealing)
    case = case_of("self_dealing", shop.outlet_id)
    assert case is not None
    transact(cases.decide, case.id, operator(), state="harmless", note="Kunde hat es eilig gehabt")
    with clock.at(clock.now() + timedelta(hours=5)):
        transact(self_dealing.watch_self_dealing)
    again = case_of("self_dealing", shop.outlet_id)
    assert again is not None
    assert again.id == case.id
    with clock.at(clock.now() + timedelta(minutes=1)):
        quickly(programme, shop)
        transact(self_dealing.watch_self_dealing)
    newest = case_of("self_dealing", shop.outlet_id)
    assert newest is not None
    assert (newest.id != case.id, newest.state) == (True, "open")


def test_who_works_in_the_shop_and_spends_there_holds_its_payout(context: Flask) -> None:
    programme, shop = ground()
    outlet = session.get_one(Outlet, shop.outlet_id)
    clerk = by_two.clerk(outlet.organisation_id, "retailer_clerk")
    email = session.scalar(sa.text("SELECT email FROM person WHERE id = :p"), {"p": clerk})
    session.commit()
    quickly(programme, shop, minutes=90, buyer=str(email).upper())
    transact(self_dealing.watch_staff)
    assert holds.list_hold_reasons(shop.outlet_id) == ["own_staff"]


def test_a_new_shop_waits_fourteen_days_for_its_payout(context: Flask) -> None:
    programme = build.programme()
    shop = build.accepting_shop(programme.id)
    session.commit()
    assert holds.list_hold_reasons(shop.outlet_id) == ["new_shop"]
    transact(self_dealing.watch_new_shops)
    transact(self_dealing.watch_new_shops)
    hold = session.scalars(sa.select(PayoutHold).where(PayoutHold.outlet_id == shop.outlet_id)).one()
    first = session.scalar(sa.select(Acceptance.valid_from).where(Acceptance.outlet_id == shop.outlet_id))
    assert first is not None
    assert hold.ends_at == first + timedelta(days=14)
    with clock.at(first + timedelta(days=14, seconds=-1)):
        assert holds.is_held(shop.outlet_id)
    with clock.at(first + timedelta(days=14, seconds=1)):
        assert not holds.is_held(shop.outlet_id)


def test_a_hold_is_released_by_a_person_with_a_reason_once(context: Flask) -> None:
    programme = build.programme()
    shop = build.accepting_shop(programme.id)
    session.commit()
    transact(self_dealing.watch_new_shops)
    hold = session.scalars(sa.select(PayoutHold).where(PayoutHold.outlet_id == shop.outlet_id)).one()
    person = operator()
    with pytest.raises(Invalid):
        transact(holds.release_hold, hold.id, person, note=" ")
    transact(holds.release_hold, hold.id, person, note="Seit 1920 am Markt")
    assert not holds.is_held(shop.outlet_id)
    with pytest.raises(Refused):
        transact(holds.release_hold, hold.id, person, note="noch einmal")
    transact(self_dealing.watch_new_shops)
    assert not holds.is_held(shop.outlet_id)


def test_nobody_decides_about_the_shop_they_belong_to(context: Flask) -> None:
    programme = build.programme()
    shop = build.accepting_shop(programme.id)
    owner = by_two.clerk(session.get_one(Outlet, shop.outlet_id).organisation_id, "retailer_owner")
    persons.join(owner, organisation("operator").id, "operator")
    session.commit()
    transact(self_dealing.watch_new_shops)
    hold = session.scalars(sa.select(PayoutHold).where(PayoutHold.outlet_id == shop.outlet_id)).one()
    with pytest.raises(NotAllowed) as refused:
        transact(holds.release_hold, hold.id, owner, note="alles in Ordnung")
    assert refused.value.code == "own_shop"
    of = rule_of("velocity_shop")
    with of as rule:
        case = transact(cases.open_case, rule, cases.Suspicion("outlet", str(shop.outlet_id), {}, shop.outlet_id))
    assert case is not None
    with pytest.raises(NotAllowed):
        transact(cases.decide, case, owner, state="harmless", note="alles in Ordnung")
    assert holds.is_held(shop.outlet_id)


def test_an_issuer_sees_what_concerns_it_and_nothing_else(own_database: Flask) -> None:
    programme, shop = ground()
    other, _foreign = ground()
    clerk, stranger = by_two.clerk(programme.issuer_id), by_two.clerk(other.issuer_id)
    retailer = by_two.clerk(session.get_one(Outlet, shop.outlet_id).organisation_id, "retailer_owner")
    session.commit()
    with rule_of("velocity_shop") as rule:
        made = transact(cases.open_case, rule, cases.Suspicion("outlet", str(shop.outlet_id), {}, shop.outlet_id))
    assert made is not None

    def seen(person: UUID) -> bool:
        return made in {row.case.id for row in queries.list_cases(queries.load_sight(person), open_ones=True)}

    assert (seen(clerk), seen(stranger), seen(retailer), seen(operator())) == (True, False, False, True)
    for person in (stranger, retailer):
        with pytest.raises(NotFound):
            transact(cases.decide, made, person, state="harmless", note="geht mich nichts an")
    transact(cases.decide, made, clerk, state="confirmed", note="Strohkäufe")
    with pytest.raises(Refused):
        transact(cases.decide, made, clerk, state="harmless", note="doch nicht")


def test_the_jobs_watch_everything(context: Flask) -> None:
    programme, shop = ground()
    email = f"{uuid4().hex}@example.org"
    numbers = [sold(programme.id, 240_00, buyer=email, recipient=email).number for _n in range(11)]
    young = build.accepting_shop(programme.id)
    voucher = build.voucher(programme.id, 100_00)
    session.commit()
    quickly(programme, shop)
    with rule_of("velocity_till", max_number=0), rule_of("velocity_shop", max_number=0):
        redeem(shop, voucher, 1)
        transact(jobs.watch_velocity)
    transact(jobs.watch_dealing)
    assert all(of_buyer(rule, numbers) for rule in ("velocity_buyer", "velocity_recipient", "structuring"))
    assert case_of("velocity_till", shop.till_id)
    assert case_of("velocity_shop", shop.outlet_id)
    assert case_of("self_dealing", shop.outlet_id)
    assert holds.is_held(young.outlet_id)
