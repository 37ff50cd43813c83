"""The rotating code: good for half a minute and a neighbour's, worthless afterwards, never in the till's way."""

import math
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import clock
from foundation.database import session, transact
from foundation.errors import DomainError, Invalid
from tests.builders import wallet as wallets
from vouchers.stored_value import credentials, payment_method, queries
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.wallet import claiming, rotating_code, sealed_note
from vouchers.wallet.models import WalletItem

STEP = timedelta(seconds=30)
# The next whole step begins here.
THEN = datetime.fromtimestamp(30 * math.ceil(clock.now().timestamp() / 30), UTC)


def taken(token: str, presented: str, cents: int = 10_00) -> str:
    try:
        redeeming.redeem(token, RedemptionOrder(presented, cents, uuid4().hex))
    except DomainError as error:
        return f"{error.code}: {error.sentence}"
    return "done"


def test_a_till_takes_the_rotating_code(context: Flask) -> None:
    _owner, shop, programme, given, item_id = wallets.wallet()
    shown = wallets.code_of(item_id)
    assert redeeming.look(shop.token, shown)["programme"] == programme.name
    assert taken(shop.token, shown) == "done"
    assert taken(shop.token, f" {shown.lower()} ") == "done"
    assert queries.calculate_available(given.voucher_id) == 80_00


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_skew_is_tolerated_and_two_are_not(context: Flask, steps: int, good: bool) -> None:
    _owner, shop, _programme, _given, item_id = wallets.wallet()
    with clock.at(THEN + steps * STEP):
        shown = wallets.code_of(item_id)
    with clock.at(THEN):
        answer = taken(shop.token, shown)
    assert answer == ("done" if good else "code_expired: Der gezeigte Code ist abgelaufen. Bitte neu anzeigen lassen.")


def test_a_photograph_is_worthless_after_two_windows(context: Flask) -> None:
    _owner, shop, _programme, given, item_id = wallets.wallet()
    with clock.at(THEN):
        photograph = wallets.code_of(item_id)
        assert taken(shop.token, photograph) == "done"
    for later in (timedelta(seconds=61), timedelta(minutes=5), timedelta(days=1)):
        with clock.at(THEN + later):
            assert taken(shop.token, photograph).startswith("code_expired")
    assert queries.calculate_available(given.voucher_id) == 90_00


def test_the_till_keeps_what_it_looked_up_for_ten_minutes_while_the_amount_is_typed(context: Flask) -> None:
    _owner, shop, _programme, given, item_id = wallets.wallet()
    with clock.at(THEN):
        shown = wallets.code_of(item_id)
        note = sealed_note.seal(shown)
        assert note != shown
        assert sealed_note.seal(note) == note
        assert sealed_note.seal(given.token) == given.token
    with clock.at(THEN + timedelta(minutes=9)):
        assert taken(shop.token, note) == "done"
    with clock.at(THEN + timedelta(minutes=11)):
        assert taken(shop.token, note).startswith("code_expired")
    assert taken(shop.token, note[:-3] + "abc").startswith("code_expired")


def test_the_same_key_gives_the_first_answer_although_the_code_has_expired(context: Flask) -> None:
    _owner, shop, _programme, given, item_id = wallets.wallet()
    key = uuid4().hex
    with clock.at(THEN):
        shown = wallets.code_of(item_id)
        first = redeeming.redeem(shop.token, RedemptionOrder(shown, 10_00, key))
    with clock.at(THEN + timedelta(minutes=3)):
        again = redeeming.redeem(shop.token, RedemptionOrder(shown, 10_00, key))
        assert (again.replay, again.body) == (True, first.body)
        with pytest.raises(Invalid):
            redeeming.redeem(shop.token, RedemptionOrder(shown, 11_00, key))
        assert taken(shop.token, shown).startswith("code_expired")
    assert queries.calculate_available(given.voucher_id) == 90_00


def test_renewed_codes_end_those_of_a_lost_telephone(context: Flask) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet()
    old = wallets.code_of(item_id)
    assert transact(claiming.renew_codes, owner.id) == 1
    assert taken(shop.token, old).startswith("code_expired")
    assert taken(shop.token, wallets.code_of(item_id)) == "done"


def test_unknown_and_wrong_codes_get_the_same_sentence(context: Flask) -> None:
    _owner, shop, _programme, _given, item_id = wallets.wallet()
    shown = wallets.code_of(item_id)
    wrong = shown[:-8] + f"{(int(shown[-8:]) + 1) % 10**8:08d}"
    unknown = f"ML2.{rotating_code.make_handle()}.{shown[-8:]}"
    assert taken(shop.token, wrong) == taken(shop.token, unknown) != "done"


def test_guessing_ends_after_twenty_wrong_codes(context: Flask) -> None:
    _owner, shop, _programme, _given, item_id = wallets.wallet()
    with clock.at(THEN):
        shown = wallets.code_of(item_id)
        for nth in range(rotating_code.MAX_WRONG_CODES):
            taken(shop.token, shown[:-8] + f"{(int(shown[-8:]) + 1000 + nth) % 10**8:08d}")
        session.rollback()
        count = session.scalar(sa.select(WalletItem.wrong_codes).where(WalletItem.id == item_id))
        assert count == rotating_code.MAX_WRONG_CODES
        assert taken(shop.token, shown).startswith("code_expired")
    with clock.at(THEN + timedelta(minutes=11)):
        assert taken(shop.token, wallets.code_of(item_id)) == "done"


def test_a_checkout_takes_the_code_that_the_wallet_shows(context: Flask) -> None:
    _owner, _shop, _programme, given, item_id = wallets.wallet()
    with clock.at(THEN):
        shown = wallets.code_of(item_id)
        assert payment_method.find(f" {shown} ").id == given.voucher_id
    with clock.at(THEN + 3 * STEP), pytest.raises(credentials.Expired):
        payment_method.find(shown)


def test_other_forms_are_not_the_wallets(context: Flask) -> None:
    for text in ("", "ML2", "ML2.ABC.1", "ML1.ABC", "0000-0000-000", "hallo"):
        assert rotating_code.resolve(text) is None
        assert credentials.read(text).by_code in {True, False}
