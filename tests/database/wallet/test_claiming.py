"""Claiming a voucher into a wallet: the old code dies at once, and exactly one wins."""

from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact
from foundation.errors import DomainError, NotFound, Refused
from foundation.security import decrypt
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.threads import at_once
from vouchers.stored_value import access, codes, issuing, queries
from vouchers.stored_value.models import Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.wallet import claiming
from vouchers.wallet import queries as in_wallets
from vouchers.wallet.models import WalletItem


def items(voucher_id: UUID) -> list[WalletItem]:
    session.rollback()
    query = sa.select(WalletItem).where(WalletItem.voucher_id == voucher_id).order_by(WalletItem.added_at)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def redeem(token: str, shop: build.Shop, cents: int = 10_00) -> str:
    """`done`, or the code of the refusal."""
    try:
        redeeming.redeem(shop.token, RedemptionOrder(token, cents, uuid4().hex))
    except DomainError as error:
        return error.code
    return "done"


def test_claiming_kills_token_code_and_pin_and_keeps_the_value(context: Flask) -> None:
    programme, shop, given = build.scene(100_00)
    owner = wallets.person()
    wallets.claimed(owner, given)
    assert redeem(given.token, shop) == "not_redeemable"
    assert redeem(given.code, shop) == "not_redeemable"
    with pytest.raises(NotFound):
        claiming.claim(wallets.person().id, given.code, given.pin, key=uuid4().hex)
    session.rollback()
    assert queries.calculate_available(given.voucher_id) == 100_00
    assert [k.view.programme.id for k in in_wallets.list_items(owner.id)] == [programme.id]


def test_the_new_token_lies_encrypted_in_the_item_and_pays(context: Flask) -> None:
    _programme, shop, given = build.scene(100_00)
    owner = wallets.person()
    wallets.claimed(owner, given)
    [item] = items(given.voucher_id)
    token = decrypt(item.token or b"").decode()
    assert codes.read_token(token) == token != given.token
    assert token.encode() not in (item.token or b"")
    assert redeem(token, shop) == "done"


def test_a_code_with_its_pin_is_claimed_and_with_a_wrong_one_not(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    owner = wallets.person()
    wrong = "000000" if given.pin != "000000" else "111111"
    with pytest.raises(NotFound):
        transact(claiming.claim, owner.id, given.code, wrong, key=uuid4().hex)
    assert items(given.voucher_id) == []
    transact(claiming.claim, owner.id, given.code.lower(), given.pin, key=uuid4().hex)
    assert len(items(given.voucher_id)) == 1


def test_a_repeated_key_gives_the_same_item_again(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    owner, key = wallets.person(), uuid4().hex
    first = transact(claiming.claim, owner.id, given.token, "", key=key)
    assert transact(claiming.claim, owner.id, given.token, "", key=key) == first


def test_blocked_and_ended_vouchers_are_not_claimed(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    transact(access.block, given.voucher_id, actor_id=uuid4(), key="b", reason="chargeback")
    with pytest.raises(Refused):
        transact(claiming.claim, wallets.person().id, given.token, "", key=uuid4().hex)
    assert items(given.voucher_id) == []


def test_two_persons_claim_at_once_and_exactly_one_wins(app: Flask, context: Flask) -> None:
    for _round in range(8):
        _programme, _shop, given = build.scene()
        people = [wallets.person().id for _nth in range(2)]
        session.remove()
        results = at_once(app, lambda p, g=given: transact(claiming.claim, p, g.token, "", key=uuid4().hex), people)
        assert sorted(type(r).__name__ for r in results) == ["NotFound", "UUID"]
        held = [item for item in items(given.voucher_id) if item.removed_at is None]
        voucher = session.get_one(Voucher, given.voucher_id, populate_existing=True)
        assert [in_wallets.is_current(item, voucher) for item in held] == [True]


def test_claiming_against_the_till_takes_once_and_the_old_code_is_dead(app: Flask, context: Flask) -> None:
    for _round in range(8):
        _programme, shop, given = build.scene(100_00)
        owner = wallets.person().id
        session.remove()

        def act(what: str, g: issuing.Issued = given, s: build.Shop = shop, o: UUID = owner) -> str:
            if what == "claim":
                return str(transact(claiming.claim, o, g.token, "", key=uuid4().hex) and "claimed")
            return redeem(g.token, s)

        results = dict(zip(("claim", "till"), at_once(app, act, ("claim", "till")), strict=True))
        assert results["claim"] == "claimed"
        assert results["till"] in {"done", "not_redeemable"}
        assert queries.calculate_available(given.voucher_id) == (90_00 if results["till"] == "done" else 100_00)
        assert redeem(given.token, shop) == "not_redeemable"


def test_what_was_given_new_secrets_elsewhere_has_left_the_wallet(context: Flask) -> None:
    owner, _shop, _programme, given, item_id = wallets.wallet()
    made = transact(access.renew, given.voucher_id, actor_id=uuid4(), key="again", reason="test")
    assert in_wallets.list_items(owner.id) == []
    with pytest.raises(NotFound):
        in_wallets.load_item(owner.id, item_id)
    other = wallets.person()
    transact(claiming.claim, other.id, made.token, "", key=uuid4().hex)
    assert [i.person_id for i in items(given.voucher_id) if i.removed_at is None] == [other.id]


def test_a_foreign_wallet_shows_nothing(context: Flask) -> None:
    _owner, _shop, _programme, _given, item_id = wallets.wallet()
    with pytest.raises(NotFound):
        in_wallets.load_item(wallets.person().id, item_id)
