"""A real voucher sold over the real way: card or debit at the stand-in, and the voucher only when money is certain."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from demo.stripe_standin.testing import Running
from foundation.database import session, transact
from money.ledger import proof
from money.payments import calling, starting
from tests.builders import vouchers as build
from tests.builders.ledger import add_float
from tests.builders.stripe import at_stripe
from vouchers.purchases.models import VoucherSale
from vouchers.sales import drafts, ordering, requests
from vouchers.stored_value.models import Programme, Voucher


@pytest.fixture
def programme(stripe: Running) -> Programme:
    """On sale; its issuer has a float that bears the provider's fees."""
    made = transact(build.programme)
    made.on_sale, made.supervision = True, "ok"
    add_float(made.issuer_id, 50_00)
    session.commit()
    return made


def ordered(programme: Programme, method: str) -> tuple[UUID, UUID]:
    buyer = f"{uuid4().hex}@example.org"
    sale = transact(
        drafts.draft_sale, requests.VoucherRequest(programme_id=programme.id, cents=42_50, buyer_email=buyer)
    )
    payment = transact(ordering.place_order, sale, method=method, shown_cents=42_50)
    return sale, payment


def owed_on_vouchers(programme: Programme) -> int:
    query = sa.text(
        "SELECT coalesce(sum(CASE WHEN credit_account = 'VL' THEN cents ELSE -cents END), 0)::bigint FROM entry"
        " WHERE ledger_id = :ledger AND 'VL' IN (credit_account, debit_account)"
    )
    found = session.scalar(query, {"ledger": programme.issuer_id})
    session.commit()
    return int(found or 0)


def vouchers_of(programme: Programme) -> int:
    found = session.scalar(sa.select(sa.func.count()).where(Voucher.programme_id == programme.id))
    session.commit()
    return int(found or 0)


def test_a_card_makes_the_voucher_when_it_is_captured(stripe: Running, programme: Programme) -> None:
    sale, payment = ordered(programme, "card")
    page = starting.start(payment).url
    assert (vouchers_of(programme), owed_on_vouchers(programme)) == (0, 0)
    stripe.pay(page)
    calling.advance(payment, force=True)
    calling.advance(payment, force=True)
    assert (vouchers_of(programme), owed_on_vouchers(programme)) == (1, 42_50)
    assert session.get_one(VoucherSale, sale, populate_existing=True).state in {"paid", "delivered"}
    session.commit()
    assert at_stripe(stripe, payment)["captured"] == 42_50
    assert proof.prove() == []


def test_a_debit_makes_the_voucher_only_when_it_has_succeeded(stripe: Running, programme: Programme) -> None:
    _sale, payment = ordered(programme, "sepa_debit")
    stripe.pay_by_debit(starting.start(payment).url)
    calling.advance(payment, force=True)
    assert (vouchers_of(programme), owed_on_vouchers(programme)) == (0, 0)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    assert (vouchers_of(programme), owed_on_vouchers(programme)) == (1, 42_50)
    assert proof.prove() == []


def test_a_debit_that_comes_back_makes_none(stripe: Running, programme: Programme) -> None:
    sale, payment = ordered(programme, "sepa_debit")
    stripe.pay_by_debit(starting.start(payment).url, "DE62370400440532013001")
    calling.advance(payment, force=True)
    stripe.advance(deliver=False)
    calling.advance(payment, force=True)
    assert (vouchers_of(programme), owed_on_vouchers(programme)) == (0, 0)
    assert session.get_one(VoucherSale, sale, populate_existing=True).state not in {"paid", "delivered"}
    session.commit()
    assert proof.prove() == []
