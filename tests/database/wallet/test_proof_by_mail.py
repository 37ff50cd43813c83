"""Proof by mail: a lost voucher gets new secrets, a locked code opens again, and who asks learns nothing."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from flask import Flask

from foundation import clock, errors
from foundation.clock import now
from foundation.database import session, transact
from foundation.errors import NotFound
from foundation.security import encrypt
from tests.builders import sales as build_sales
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.sales import mails, text_of
from tests.database.wallet.test_claiming import redeem
from tests.database.wallet.test_transfer import TOKEN
from vouchers.stored_value import access, codes, holder_view, issuing, queries
from vouchers.wallet import blocking, proof_by_mail, transfer
from vouchers.wallet import queries as in_wallets
from vouchers.wallet.models import WalletItem

LINK = re.compile(r"/g/(?:neu|entsperren)/(\S+)")


def reached(given: issuing.Issued) -> str:
    """The address that a voucher is known under."""
    email = f"{uuid4().hex}@example.org"
    transact(transfer.store_contact, given.voucher_id, email, "de")
    return email


def link_to(email: str, template: str = "vouchers/wallet_proof") -> str:
    found = LINK.search(text_of(mails(template, email)[0]))
    assert found
    return found[1]


def asked(email: str) -> None:
    transact(proof_by_mail.send_renewal_links, encrypt(email.encode()).decode())


def test_a_lost_voucher_is_renewed_by_its_link_and_the_old_code_is_dead_at_once(context: Flask) -> None:
    _programme, shop, given = build.scene(60_00)
    email = reached(given)
    assert redeem(given.token, shop) == "done"
    asked(email)
    link = link_to(email)
    assert redeem(given.token, shop) == "done"  # asking alone changes nothing
    transact(proof_by_mail.renew_by_link, link)  # no job runs in between
    assert redeem(given.token, shop) == "not_redeemable"
    assert redeem(given.code, shop) == "not_redeemable"
    new = TOKEN.search(text_of(mails("vouchers/wallet_voucher", email)[0]))
    assert new
    assert queries.calculate_available(given.voucher_id) == 40_00
    assert redeem(new[1], shop, 40_00) == "done"


def test_a_link_works_once_and_for_two_hours(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    email = reached(given)
    asked(email)
    link = link_to(email)
    with clock.at(now()), pytest.raises(NotFound):
        proof_by_mail.load_linked_voucher(proof_by_mail.UNLOCK, link)
    transact(proof_by_mail.renew_by_link, link)
    with pytest.raises(NotFound):
        transact(proof_by_mail.renew_by_link, link)
    assert len(mails("vouchers/wallet_voucher", email)) == 1


def test_an_unknown_address_gets_no_mail(context: Flask) -> None:
    email = f"{uuid4().hex}@example.org"
    asked(email)
    assert mails("vouchers/wallet_proof", email) == []


def test_a_gift_belongs_to_who_was_given_it(context: Flask) -> None:
    programme = build.programme()
    session.commit()
    buyer, gifted = f"{uuid4().hex}@example.org", f"{uuid4().hex}@example.org"
    sale_id = build_sales.paid(programme, buyer_email=buyer, gift=True, recipient_email=gifted)
    sale = build_sales.sale(sale_id)
    assert sale.voucher_id
    assert [v.id for v in in_wallets.list_vouchers_at(gifted)] == [sale.voucher_id]
    assert list(in_wallets.list_vouchers_at(buyer)) == []


def test_a_voucher_of_a_wallet_stays_in_it_with_a_new_code(context: Flask) -> None:
    owner, shop, _programme, given, item_id = wallets.wallet(60_00)
    old = wallets.code_of(item_id)
    transact(blocking.block, given.voucher_id, actor_id=owner.id, key="lost")
    asked(owner.email)
    transact(proof_by_mail.renew_by_link, link_to(owner.email))
    [kept] = in_wallets.list_items(owner.id)
    assert kept.view.state == "active"
    assert redeem(old, shop) == "code_expired"
    assert redeem(wallets.code_of(kept.item.id), shop) == "done"
    assert mails("vouchers/wallet_voucher", owner.email) == []


def test_after_a_new_secret_key_the_holder_gets_new_codes_by_mail_and_the_till_only_refuses(context: Flask) -> None:
    owner, shop, _programme, given, item_id = wallets.wallet(60_00)
    shown = wallets.code_of(item_id)
    item = session.get_one(WalletItem, item_id)
    other = Fernet(Fernet.generate_key())
    item.token, item.totp = other.encrypt(b"ML1.X"), other.encrypt(b"X")
    session.commit()
    assert redeem(shown, shop) == "code_expired"
    assert in_wallets.list_items(owner.id) == []
    asked(owner.email)
    transact(proof_by_mail.renew_by_link, link_to(owner.email))
    [kept] = in_wallets.list_items(owner.id)
    assert redeem(wallets.code_of(kept.item.id), shop) == "done"
    assert given.voucher_id == kept.item.voucher_id


def test_a_block_by_the_issuer_survives_the_proof(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    email = reached(given)
    transact(access.block, given.voucher_id, actor_id=uuid4(), key="x", reason="chargeback")
    asked(email)
    transact(proof_by_mail.renew_by_link, link_to(email))
    assert session.scalar(sa.text("SELECT state FROM voucher WHERE id = :v"), {"v": given.voucher_id}) == "blocked"


def test_the_issuer_can_block_what_its_holder_has_blocked_and_the_holder_cannot_undo_it(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    transact(blocking.block, given.voucher_id, actor_id=uuid4(), key="1")
    assert blocking.can_unblock(given.voucher_id)
    transact(access.block, given.voucher_id, actor_id=uuid4(), key="2", reason="chargeback")
    with pytest.raises(errors.Refused, match="Herausgeber"):
        blocking.unblock(given.voucher_id, actor_id=uuid4(), key="3")
    with pytest.raises(errors.Refused):
        transact(blocking.block, given.voucher_id, actor_id=uuid4(), key="4")
    assert not blocking.can_unblock(given.voucher_id)


def test_five_wrong_pins_lock_the_code_and_a_mail_opens_it(context: Flask) -> None:
    _programme, shop, given = build.scene()
    email = reached(given)
    wrong = "000000" if given.pin != "000000" else "111111"
    for _nth in range(4):
        assert holder_view.find_by_code_and_pin(given.code, wrong) is None
    assert holder_view.find_by_code_and_pin(given.code, given.pin) == given.voucher_id  # four are forgiven
    for _nth in range(5):
        holder_view.find_by_code_and_pin(given.code, wrong)
    assert holder_view.find_by_code_and_pin(given.code, given.pin) is None
    assert redeem(given.code, shop) == "done"  # tills are not concerned
    transact(proof_by_mail.send_unlocking_link, encrypt(given.code.encode()).decode())
    transact(proof_by_mail.unlock_by_link, link_to(email, "vouchers/wallet_unlock"))
    assert holder_view.find_by_code_and_pin(given.code, given.pin) == given.voucher_id


def test_no_mail_goes_out_for_a_code_that_is_not_locked(context: Flask) -> None:
    _programme, _shop, given = build.scene()
    email = reached(given)
    for code in (given.code, "", "0000-0000-000"):
        transact(proof_by_mail.send_unlocking_link, encrypt(code.encode()).decode())
    assert mails("vouchers/wallet_unlock", email) == []


def written(code: str, pin: str) -> tuple[int, int]:
    """(rows of vouchers, rows of decoys) that a look-up writes. Statistics of PostgreSQL come late: counted by xmin."""
    count = sa.text(
        "SELECT (SELECT count(*) FROM voucher WHERE xmin::text::bigint > :x),"
        " (SELECT count(*) FROM pin_decoy WHERE xmin::text::bigint > :x)"
    )
    session.rollback()
    before = session.scalar(sa.text("SELECT txid_current() % 4294967296"))
    session.rollback()
    assert holder_view.find_by_code_and_pin(code, pin) is None
    row = session.execute(count, {"x": before}).one()
    session.rollback()
    return int(row[0]), int(row[1])


def test_every_miss_writes_exactly_one_row(own_database: Flask) -> None:
    _programme, _shop, given = build.scene()
    wrong = "000000" if given.pin != "000000" else "111111"
    unknown = codes.make_code()
    assert [sum(written(code, pin)) for code, pin in ((given.code, wrong), (unknown, given.pin), ("", ""))] == [1] * 3
    for _nth in range(5):
        holder_view.find_by_code_and_pin(given.code, wrong)
    assert written(given.code, given.pin) == (0, 1)  # locked
