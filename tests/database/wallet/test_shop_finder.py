"""The finder, and why a till refused: the holder reads the reason and where the voucher is good instead."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, uuid7
from foundation.errors import DomainError
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.vouchers import COESFELD, DUELMEN
from tests.database.wallet.test_claiming import redeem
from vouchers.network import programmes
from vouchers.stored_value import issuing
from vouchers.stored_value.models import Lot
from vouchers.tills import redeeming
from vouchers.wallet import refusals, shop_finder
from vouchers.wallet.queries import load_item
from vouchers.wallet.shop_finder import ShopFilter

# Of a week without a holiday; the shops accept since the day before.
MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 11, 0, tzinfo=UTC)


def names(found: shop_finder.FinderResult) -> set[str]:
    return {shop.outlet.name for shop in found.shops}


def test_shops_are_found_by_town_trade_opening_and_step(context: Flask) -> None:
    made = []
    with clock.at(SUNDAY):
        programme = build.programme(partners=False)
        for ags, trade, step_free in ((COESFELD, "baeckerei", True), (DUELMEN, "tee", False)):
            outlet = build.outlet(ags)
            outlet.trade, outlet.step_free = trade, step_free
            programmes.accept(programme.id, outlet.id)
            made.append(outlet.name)
    session.commit()
    with clock.at(MONDAY_NOON):
        everything = shop_finder.find_shops(programme.id, ShopFilter())
        assert names(everything) == set(made)
        assert [(name, count) for _ags, name, count in everything.towns] == [("Coesfeld", 1), ("Dülmen", 1)]
        assert everything.trades == [("baeckerei", 1), ("tee", 1)]
        assert names(shop_finder.find_shops(programme.id, ShopFilter(ags=DUELMEN))) == {made[1]}
        assert names(shop_finder.find_shops(programme.id, ShopFilter(trade="baeckerei"))) == {made[0]}
        assert names(shop_finder.find_shops(programme.id, ShopFilter(step_free=True))) == {made[0]}
        assert names(shop_finder.find_shops(programme.id, ShopFilter(open_now=True))) == set(made)
        assert names(shop_finder.find_shops(programme.id, ShopFilter(ags="09162000"))) == set()
    with clock.at(SUNDAY):
        assert names(shop_finder.find_shops(programme.id, ShopFilter(open_now=True))) == set()


def test_the_list_for_the_telephone_knows_the_hours_of_a_week(context: Flask) -> None:
    with clock.at(SUNDAY):
        programme, shop, _given = build.scene()
    outlet = session.get_one(Outlet, shop.outlet_id)
    with clock.at(MONDAY_NOON):
        line = next(s for s in shop_finder.export_list(programme)["shops"] if s["name"] == outlet.name)
    assert line["town"] == "Coesfeld"
    assert line["phone"] == outlet.phone
    assert len(line["open"]) == 7  # the rest of today, five whole days but Sunday, the beginning of next Monday
    begin, end = line["open"][0]
    assert (begin, end - begin) == (int(MONDAY_NOON.timestamp()), 6 * 3600)


def test_who_was_refused_reads_why_and_where_instead(context: Flask) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet()
    near = session.get_one(Outlet, shop.outlet_id)
    stranger = build.till(build.outlet(DUELMEN).id)
    session.commit()
    with pytest.raises(DomainError) as refused:
        redeeming.look(stranger.token, wallets.code_of(item_id))
    assert str(refused.value.sentence) == "Dieser Gutschein gilt nicht in diesem Geschäft."
    [told] = refusals.list_refusals(load_item(owner.id, item_id).view)
    outlet = session.get_one(Outlet, stranger.outlet_id)
    assert (told.shop, told.town) == (outlet.name, "Dülmen")
    assert told.why.startswith("Dieses Geschäft nimmt den Gutschein nicht an. Gilt in allen Geschäften der Region")
    assert near.name in {o.name for o in told.instead}


def test_too_little_is_explained_with_both_sums_and_said_once(context: Flask) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet(20_00)
    for _nth in range(2):
        assert redeem(wallets.code_of(item_id), shop, 25_00) == "insufficient"
    [told] = refusals.list_refusals(load_item(owner.id, item_id).view)
    assert told.why.replace("\u202f", " ") == "Verlangt waren 25,00 €, einlösbar waren dort 20,00 €."
    assert told.instead == []


def test_employers_money_outside_its_area_is_explained_with_the_area(context: Flask) -> None:
    programme, shop, given = build.scene(10_00)
    owner, employer = wallets.person(), build.paid_in(programme.id, 50_00, "EP")
    issuing.load(
        given.voucher_id,
        50_00,
        terms=issuing.LotTerms(kind="employer", origin_id=employer.party, postcode_areas=["46", "59"]),
        funding=employer,
        actor_id=uuid7(),
        key="month",
    )
    session.commit()
    item_id = wallets.claimed(owner, given)
    assert redeem(wallets.code_of(item_id), shop, 30_00) == "insufficient"
    held = load_item(owner.id, item_id).view
    [told] = refusals.list_refusals(held)
    assert "gilt nur in Postleitzahlgebieten 46, 59" in told.why
    assert told.instead == []  # all shops of this programme lie in 48
    [sentence] = refusals.describe_areas(held)
    assert sentence.replace("\u202f", " ") == "Vom Arbeitgeber 50,00 €: gilt nur in Postleitzahlgebieten 46, 59."
    assert session.scalar(sa.select(sa.func.count()).select_from(Lot).where(Lot.voucher_id == given.voucher_id)) == 2
