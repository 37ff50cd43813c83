"""A voucher that changed hands: what the one before can still do with it, and what the one after learns."""

from threading import Event, Thread
from time import sleep
from uuid import UUID, uuid4

import pytest
from flask import Flask

from foundation.database import session, transact
from foundation.errors import NotFound, Refused
from foundation.security import encrypt
from tests.builders import sales
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from vouchers.sales import address_correction, letters
from vouchers.stored_value import access, codes, holder_view
from vouchers.stored_value.models import Voucher
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder
from vouchers.wallet import claiming, proof_by_mail, queries, transfer


def token_in(template: str, to: str) -> str:
    letter = sales.last_mail(template, to)
    token = codes.read_token(sales.link_in(sales.text_of(letter)))
    assert token
    return token


def passed(item_id: UUID, giver: UUID, to: str) -> str:
    kept = queries.load_item(giver, item_id)
    wish = {"to": to, "greeting": "", "giver": "Anna", "language": "de", "key": uuid4().hex}
    transact(transfer.pass_on, kept, **wish)
    return token_in("vouchers/wallet_voucher", to)


def test_the_buyer_gets_nothing_back_once_the_recipient_has_claimed_it(context: Flask) -> None:
    programme = build.programme()
    session.commit()
    to = f"{uuid4().hex}@example.org"
    sale = sales.sale(sales.paid(programme, 50_00, gift=True, recipient_email=to))
    token, owner = token_in("vouchers/voucher", to), wallets.person()
    item = transact(claiming.claim, owner.id, token, "", key=uuid4().hex)
    for deed in (
        lambda: address_correction.resend(sale.id),
        lambda: address_correction.correct_address(sale.id, "buyer@example.org"),
    ):
        with pytest.raises(Refused):
            transact(deed)
    transact(proof_by_mail.send_renewal_links, encrypt(sale.buyer_email.encode()).decode())
    assert sales.mails("vouchers/wallet_proof", sale.buyer_email) == []
    with pytest.raises(NotFound):
        holder_view.view_by_code_and_pin(token, "")
    assert queries.load_item(owner.id, item).view.balance_cents == 50_00


@pytest.mark.parametrize("deed", ["resend", "correct"])
def test_the_buyer_gets_nothing_back_while_the_recipient_claims_it(app: Flask, context: Flask, deed: str) -> None:
    programme = build.programme()
    session.commit()
    to = f"{uuid4().hex}@example.org"
    sale = sales.sale(sales.paid(programme, 50_00, gift=True, recipient_email=to))
    token, owner = token_in("vouchers/voucher", to), wallets.person()
    claimed, items, refused = Event(), [], []

    def claim() -> None:
        items.append(claiming.claim(owner.id, token, "", key=uuid4().hex))
        claimed.set()
        sleep(0.5)  # the buyer asks before this is written

    def recipient() -> None:
        with app.app_context():
            transact(claim)

    thread = Thread(target=recipient)
    thread.start()
    assert claimed.wait(10)
    try:
        transact(address_correction.resend, sale.id) if deed == "resend" else transact(
            address_correction.correct_address, sale.id, "x@example.org"
        )
    except Refused as error:
        refused.append(error.code)
    thread.join()
    session.expire_all()
    assert queries.load_item(owner.id, items[0]).view.balance_cents == 50_00
    assert refused == ["not_resendable" if deed == "resend" else "not_correctable"]


def test_a_letter_that_arrived_is_not_printed_again(context: Flask) -> None:
    programme = build.programme()
    session.commit()
    home = {"delivery": "letter", "recipient_name": "Karin", "street": "Markt 1", "town_line": "48653 Coesfeld"}
    sale_id = sales.paid(programme, 50_00, gift=True, **home)
    transact(letters.print_letter, sale_id)
    voucher_id, owner = sales.sale(sale_id).voucher_id, wallets.person()
    assert voucher_id
    made = transact(access.renew, voucher_id, actor_id=sale_id, key=uuid4().hex, reason="as printed")
    item = wallets.claimed(owner, made)
    with pytest.raises(Refused):
        transact(letters.print_letter, sale_id)
    assert queries.load_item(owner.id, item).view.balance_cents == 50_00
    transact(letters.mark_posted, sale_id)


def test_the_giver_keeps_neither_code_nor_link_nor_look(context: Flask) -> None:
    owner, shop, _programme, given, item = wallets.wallet()
    shown, other = wallets.code_of(item), f"{uuid4().hex}@example.org"
    voucher_id = queries.load_item(owner.id, item).view.voucher_id
    transact(proof_by_mail.send_renewal_links, encrypt(owner.email.encode()).decode())
    purposes = (proof_by_mail.RENEW, proof_by_mail.HOLDER)
    before = [proof_by_mail.sign_link(purpose, session.get_one(Voucher, voucher_id)) for purpose in purposes]
    passed(item, owner.id, other)
    with pytest.raises(NotFound):
        queries.load_item(owner.id, item)
    with pytest.raises(Refused):
        redeeming.redeem(shop.token, RedemptionOrder(shown, 1_00, str(uuid4())))
    for purpose, link in zip(purposes, before, strict=True):
        with pytest.raises(NotFound):
            proof_by_mail.load_linked_voucher(purpose, link)
    assert given.voucher_id == voucher_id
    assert [v.id for v in queries.list_vouchers_at(owner.email)] == []
    assert [v.id for v in queries.list_vouchers_at(other)] == [voucher_id]


def test_a_link_for_one_purpose_opens_no_other(context: Flask) -> None:
    owner, _shop, _programme, _given, item = wallets.wallet()
    voucher = session.get_one(Voucher, queries.load_item(owner.id, item).view.voucher_id)
    purposes = (proof_by_mail.RENEW, proof_by_mail.UNLOCK, proof_by_mail.HOLDER)
    for made in purposes:
        for used in purposes:
            if made != used:
                with pytest.raises(NotFound):
                    proof_by_mail.load_linked_voucher(used, proof_by_mail.sign_link(made, voucher))


def test_who_gets_it_does_not_read_where_the_giver_bought(context: Flask) -> None:
    owner, shop, _programme, _given, item = wallets.wallet()
    redeeming.redeem(shop.token, RedemptionOrder(wallets.code_of(item), 12_00, str(uuid4())))
    session.expire_all()
    assert len(queries.load_item(owner.id, item).view.history) == 2
    token = passed(item, owner.id, f"{uuid4().hex}@example.org")
    held = holder_view.view_by_code_and_pin(token, "")
    assert (held.balance_cents, held.history) == (88_00, [])
    redeeming.redeem(shop.token, RedemptionOrder(token, 3_00, str(uuid4())))
    session.expire_all()
    assert [line.cents for line in holder_view.view_by_code_and_pin(token, "").history] == [-3_00]
