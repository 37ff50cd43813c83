"""The bank takes the transfer of a voucher back: frozen with what is left, the rest claimed, the pool still covered."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import NotFound
from money.bank import accounts, expected_transfers, importing, queries
from money.ledger import cover
from money.payments.models import Refund
from tests.builders import bank
from tests.builders import vouchers as build
from tests.builders.booking import balance, findings
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, link_in, paid, sale, text_of
from vouchers.purchases.models import VoucherSale
from vouchers.sales import giving_back
from vouchers.stored_value.models import Programme, Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    float_for(made.issuer_id)
    return made


def words_of(found: VoucherSale) -> tuple[UUID, str]:
    """The issuer's account, and the words by which the buyer paid."""
    account = accounts.find_open_account(session.get_one(Programme, found.programme_id).issuer_id)
    assert account
    assert found.payment_id
    expected = expected_transfers.find_of_payment(found.payment_id)
    assert expected
    session.commit()
    return account.id, expected.reference


def token_of(found: VoucherSale) -> str:
    return link_in(text_of(last_mail("vouchers/voucher", found.recipient_email or found.buyer_email)))


def test_a_reversed_transfer_freezes_the_voucher_and_claims_what_was_spent(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=30_00))
    token = token_of(found)
    redeeming.redeem(shop.token, RedemptionOrder(token, 12_00, str(uuid4())))
    before = cover.compute_cover(programme.issuer_id).free_cents
    session.commit()
    account, words = words_of(found)
    bank.states(account, bank.line(-30_00, words, is_reversal=True))
    session.expire_all()
    assert found.voucher_id
    assert session.get_one(Voucher, found.voucher_id).state == "charged_back"
    assert found.payment_id
    assert (balance("VL", found.voucher_id), balance("KR", shop.outlet_id)) == (0, 12_00)
    assert (balance("KZ", found.payment_id), balance("SF", found.payment_id)) == (0, -12_00)
    assert before - cover.compute_cover(programme.issuer_id).free_cents == 12_00
    session.commit()
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(token, 1_00, str(uuid4())))
    session.rollback()
    assert findings() == []


def test_the_reversal_again_or_in_two_files_takes_nothing_more(programme: Programme) -> None:
    found = sale(paid(programme, cents=30_00))
    account, words = words_of(found)
    once = bank.stated(account, bank.line(-30_00, words, is_reversal=True))

    for _time in range(2):
        importing.take([(account, once)])
    assert found.payment_id
    assert (balance("KZ", found.payment_id), balance("SF", found.payment_id)) == (0, 0)
    assert findings() == []


def test_a_refund_that_waits_to_be_sent_ends_with_the_money_that_the_bank_took(programme: Programme) -> None:
    found = sale(paid(programme, cents=30_00))
    account, words = words_of(found)
    transact(lambda: giving_back.give_back(session.get_one(VoucherSale, found.id)))
    (owed,) = queries.list_open_returns([programme.issuer_id])
    session.commit()
    assert (owed.cents, owed.done_at) == (30_00, None)
    bank.states(account, bank.line(-30_00, words, is_reversal=True))
    assert queries.list_open_returns([programme.issuer_id]) == []
    refund = session.scalars(sa.select(Refund).where(Refund.payment_id == found.payment_id)).one()
    session.commit()
    assert found.payment_id
    assert (refund.state, balance("KZ", found.payment_id), balance("SF", found.payment_id)) == ("failed", 0, 0)
    assert findings() == []
