"""The charter's limits on selling hold, also when many buy at the same moment."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock, errors
from foundation.database import session, transact
from tests.builders import vouchers as build
from tests.builders.threads import at_once
from vouchers.network import limits
from vouchers.network.models import SaleClaim
from vouchers.stored_value.models import Programme


def programme(month_cents: int = 1_000_00, payer_cents: int = 500_00) -> Programme:
    """A programme with a small charter."""
    return transact(build.programme, month_cents=month_cents, payer_cents=payer_cents)


def claim(made: Programme, cents: int, payer: str | None = None, ref_id: UUID | None = None) -> UUID:
    """Claim value for an order."""
    wanted = ref_id or uuid4()
    transact(limits.claim_sale, wanted, {made.id: cents}, payer=payer)
    return wanted


def sold(made: Programme) -> int:
    """What counts in this month."""
    return limits.sum_sold(made.id, limits.first_of_month(clock.today()))


def refusal(made: Programme, cents: int, payer: str | None = None) -> str:
    """The code of the refusal."""
    before = sold(made)
    with pytest.raises(errors.Refused) as refused:
        claim(made, cents, payer)
    assert sold(made) == before
    return refused.value.code


def test_a_month_sells_as_much_as_the_charter_says_and_not_a_cent_more(context: Flask) -> None:
    made = programme()
    claim(made, 999_99)
    assert refusal(made, 2) == "month_limit"
    claim(made, 1)
    assert sold(made) == 1_000_00
    with clock.at(clock.now() + timedelta(days=31)):
        claim(made, 1_000_00)


def test_the_last_euros_of_a_month_are_sold_once_to_parallel_buyers(app: Flask, context: Flask) -> None:
    made = programme()
    claim(made, 900_00)
    found = at_once(app, lambda place: claim(made, 30_00, f"{place}@example.org"), range(8))
    assert sum(isinstance(one, UUID) for one in found) == 3
    assert [one.code for one in found if isinstance(one, errors.Refused)] == ["month_limit"] * 5
    assert sold(made) == 990_00


def test_one_payer_in_parallel_gets_no_more_than_the_charter_allows(app: Flask, context: Flask) -> None:
    made, payer = programme(), f"{uuid4().hex}@example.org"
    found = at_once(app, lambda place: claim(made, 200_00, payer.upper() if place % 2 else payer), range(6))
    assert sum(isinstance(one, UUID) for one in found) == 2
    assert [one.code for one in found if isinstance(one, errors.Refused)] == ["payer_limit"] * 4
    assert sold(made) == 400_00


def test_a_payer_counts_over_all_programmes_and_thirty_days(context: Flask) -> None:
    payer = f"{uuid4().hex}@example.org"
    made = [programme(10_000_00, 1_000_00) for _n in range(2)]
    limits.keep_claim(claim(made[0], 600_00, payer))
    session.commit()
    assert refusal(made[1], 400_01, payer) == "payer_limit"
    claim(made[1], 400_00, payer)
    with clock.at(clock.now() + timedelta(days=30, seconds=1)):
        claim(made[1], 1_000_00, payer)


def test_baskets_of_the_same_programmes_in_any_order_never_wait_for_each_other(app: Flask, context: Flask) -> None:
    one, two = programme(), programme()

    def basket(place: int) -> UUID:
        parts = {one.id: 10_00, two.id: 10_00} if place % 2 else {two.id: 10_00, one.id: 10_00}
        ref_id = uuid4()
        transact(limits.claim_sale, ref_id, parts, payer=f"{place}@example.org")
        return ref_id

    found = at_once(app, basket, range(8))
    assert all(isinstance(ref_id, UUID) for ref_id in found)
    assert (sold(one), sold(two)) == (80_00, 80_00)


def test_a_basket_that_does_not_fit_claims_nothing_at_all(context: Flask) -> None:
    small, large = programme(), programme(10_000_00)
    with pytest.raises(errors.Refused):
        transact(limits.claim_sale, uuid4(), {large.id: 100_00, small.id: 1_000_01})
    assert (sold(small), sold(large)) == (0, 0)


def test_the_same_order_counts_once_with_its_new_amount(context: Flask) -> None:
    made = programme()
    order = claim(made, 700_00)
    claim(made, 800_00, ref_id=order)
    assert sold(made) == 800_00
    limits.keep_claim(order)
    session.commit()
    claim(made, 100_00, ref_id=order)  # paid already: nothing changes
    assert sold(made) == 800_00


def test_dropped_and_unpaid_orders_give_their_value_back_paid_ones_stay(context: Flask) -> None:
    made = programme()
    dropped, unpaid, paid = (claim(made, 300_00) for _n in range(3))
    transact(limits.release_claim, dropped)
    assert transact(limits.keep_claim, paid) is True
    assert sold(made) == 600_00
    later = clock.now() + timedelta(hours=25)
    if later.month == clock.now().month:
        with clock.at(later):
            assert sold(made) == 300_00
    assert session.get_one(SaleClaim, (unpaid, made.id)).lapses_at


def test_money_for_an_order_that_was_dropped_counts_again_while_there_is_room(context: Flask) -> None:
    made = programme()
    order = claim(made, 300_00)
    transact(limits.release_claim, order)
    claim(made, 900_00)
    assert transact(limits.keep_claim, order) is False
    assert sold(made) == 900_00
    other = claim(made, 50_00)
    transact(limits.release_claim, other)
    assert transact(limits.keep_claim, other) is True
    assert sold(made) == 950_00


def test_money_that_comes_after_the_claim_lapsed_is_kept_only_while_there_is_room(context: Flask) -> None:
    made = programme()
    late, later = claim(made, 600_00), claim(made, 300_00)
    with clock.at(clock.now() + timedelta(hours=25)):
        claim(made, 500_00)
        assert transact(limits.keep_claim, late) is False
        assert transact(limits.keep_claim, later) is True
        assert sold(made) == 800_00


def test_no_address_of_a_payer_is_stored(context: Flask) -> None:
    made, payer = programme(), f"{uuid4().hex}@example.org"
    order = claim(made, 10_00, payer)
    row = session.execute(
        sa.text("SELECT sale_claim::text FROM sale_claim WHERE ref_id = :r"), {"r": order}
    ).scalar_one()
    assert payer not in row
