"""Passing on, merging, blocking: what a holder does with a voucher of the wallet."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.database import session, transact, uuid7
from foundation.errors import Invalid, NotFound, Refused
from money.ledger import proof, sealing
from people.models import Person
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.sales import mails, text_of
from tests.database.wallet.test_claiming import redeem
from vouchers.stored_value import access, issuing, queries
from vouchers.stored_value.models import Lot, Voucher
from vouchers.wallet import blocking, transfer
from vouchers.wallet import queries as in_wallets
from vouchers.wallet.models import VoucherContact

TOKEN = re.compile(r"#(ML1\.[0-9A-Z]{26})")


def give(owner_id: UUID, item_id: UUID, **changes: Any) -> None:
    values = {"to": "oma@example.org", "greeting": "Für deinen Garten", "giver": "Karin", "language": "de"}
    values |= {"key": uuid4().hex} | changes
    transact(lambda: transfer.pass_on(in_wallets.load_item(owner_id, item_id), **values))


def state(voucher_id: UUID) -> str:
    session.rollback()
    return str(session.scalar(sa.select(Voucher.state).where(Voucher.id == voucher_id)))


def test_who_is_given_a_voucher_has_it_and_who_gave_it_has_not(context: Flask) -> None:
    owner, shop, _programme, given, item_id = wallets.wallet(40_00)
    old, to = wallets.code_of(item_id), f"{uuid4().hex}@example.org"
    give(owner.id, item_id, to=to)
    assert in_wallets.list_items(owner.id) == []
    [letter] = mails("vouchers/wallet_voucher", to)
    text = text_of(letter)
    assert "Ein Gutschein über 40,00" in letter["Subject"]
    assert "von Karin" in letter["Subject"]
    assert "Für deinen Garten" in text
    assert [part.get_content_type() for part in letter.iter_attachments()] == ["application/pdf"]
    assert redeem(old, shop) == "code_expired"
    found = TOKEN.search(text)
    assert found
    assert redeem(found[1], shop) == "done"
    assert queries.calculate_available(given.voucher_id) == 30_00


def test_the_letter_speaks_the_language_of_who_gets_it(context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    to = f"{uuid4().hex}@example.org"
    give(owner.id, item_id, to=to, language="en")
    contact = session.scalars(sa.select(VoucherContact).where(VoucherContact.email == to)).one()
    assert contact.language == "en"


@pytest.mark.parametrize("changes", [{"to": "oma"}, {"greeting": "x" * 401}, {"giver": "x" * 81}, {"language": "xx"}])
def test_what_cannot_be_mailed_is_refused_and_nothing_changes(context: Flask, changes: dict[str, str]) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet()
    with pytest.raises(Invalid):
        give(owner.id, item_id, **changes)
    assert len(in_wallets.list_items(owner.id)) == 1
    assert redeem(wallets.code_of(item_id), shop) == "done"


def test_sending_the_form_twice_gives_it_once(context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    to, key = f"{uuid4().hex}@example.org", uuid4().hex
    give(owner.id, item_id, to=to, key=key)
    with pytest.raises(NotFound):
        give(owner.id, item_id, to=to, key=key)
    assert len(mails("vouchers/wallet_voucher", to)) == 1


def test_who_passed_it_on_cannot_fetch_it_back(context: Flask) -> None:
    owner, _shop, _programme, given, item_id = wallets.wallet()
    to = f"{uuid4().hex}@example.org"
    give(owner.id, item_id, to=to)
    assert list(in_wallets.list_vouchers_at(owner.email)) == []
    assert [v.id for v in in_wallets.list_vouchers_at(to.upper())] == [given.voucher_id]


def two_of(owner_id: UUID) -> tuple[build.Shop, list[issuing.Issued], list[UUID]]:
    programme = build.programme()
    shop = build.accepting_shop(programme.id)
    given = [build.voucher(programme.id, cents) for cents in (20_00, 30_00)]
    build.load(programme.id, given[0].voucher_id, 5_00, kind="bonus", origin_id=uuid7(), days=20)
    person = session.get_one(Person, owner_id)
    return shop, given, [wallets.claimed(person, g) for g in given]


def merged(owner_id: UUID, source: UUID, target: UUID) -> int:
    def act() -> int:
        return transfer.merge_items(
            in_wallets.load_item(owner_id, source), in_wallets.load_item(owner_id, target), key=uuid4().hex
        )

    cents: int = transact(act)
    return cents


def test_merging_keeps_every_lot_and_empties_the_other(context: Flask) -> None:
    owner = wallets.person()
    shop, given, items = two_of(owner.id)
    assert merged(owner.id, *items) == 25_00
    assert state(given[0].voucher_id) == "replaced"
    [kept] = in_wallets.list_items(owner.id)
    assert sorted((lot.kind, lot.balance_cents) for lot in kept.view.lots) == [
        ("bonus", 5_00),
        ("paid", 20_00),
        ("paid", 30_00),
    ]
    assert redeem(wallets.code_of(items[1]), shop, 55_00) == "done"
    sealing.seal_all()
    assert proof.prove() == []


def test_vouchers_of_two_programmes_are_not_merged(context: Flask) -> None:
    owner, _shop, _programme, _given, first = wallets.wallet()
    _other, _its_shop, second_given = build.scene()
    second = wallets.claimed(owner, second_given)
    with pytest.raises(Refused):
        merged(owner.id, first, second)
    assert len(in_wallets.list_items(owner.id)) == 2


def test_a_holder_locks_and_unlocks(context: Flask) -> None:
    owner, shop, _programme, given, item_id = wallets.wallet()
    transact(blocking.block, given.voucher_id, actor_id=owner.id, key="1")
    assert redeem(wallets.code_of(item_id), shop) == "not_redeemable"
    transact(blocking.unblock, given.voucher_id, actor_id=owner.id, key="2")
    assert redeem(wallets.code_of(item_id), shop) == "done"


def test_what_the_issuer_locked_no_holder_unlocks(context: Flask) -> None:
    owner, shop, _programme, given, item_id = wallets.wallet()
    transact(access.block, given.voucher_id, actor_id=uuid4(), key="x", reason="chargeback")
    with pytest.raises(Refused) as refused:
        transact(blocking.unblock, given.voucher_id, actor_id=owner.id, key="2")
    assert refused.value.code == "blocked_by_issuer"
    assert redeem(wallets.code_of(item_id), shop) == "not_redeemable"
    assert state(given.voucher_id) == "blocked"


def test_a_voucher_passed_on_brings_its_lots_along(context: Flask) -> None:
    owner, _shop, _programme, given, item_id = wallets.wallet(40_00)
    before = session.scalars(sa.select(Lot.id).where(Lot.voucher_id == given.voucher_id)).all()
    give(owner.id, item_id, to=f"{uuid4().hex}@example.org")
    assert session.scalars(sa.select(Lot.id).where(Lot.voucher_id == given.voucher_id)).all() == before
