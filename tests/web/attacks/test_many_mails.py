"""Letters that strangers can have sent to somebody: a mailbox is not filled by asking us again and again."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid
from foundation.security import encrypt
from money.payments import starting
from money.payments.models import Payment
from tests.builders import bank
from tests.builders import wallet as wallets
from tests.builders.sales import mails
from tests.builders.standin import standin, stripe
from vouchers.wallet import proof_by_mail, queries, transfer

__all__ = ["standin", "stripe"]


def ask(email: str) -> None:
    transact(proof_by_mail.send_renewal_links, encrypt(email.encode()).decode())


def test_who_asks_for_somebody_elses_links_again_and_again_fills_no_mailbox(context: Flask) -> None:
    owner = wallets.wallet()[0]
    for time in range(8):
        ask(owner.email.upper() if time % 2 else owner.email)
    assert len(mails("vouchers/wallet_proof", owner.email)) == 3
    with clock.at(clock.now() + timedelta(minutes=61)):
        ask(owner.email)
    assert len(mails("vouchers/wallet_proof", owner.email)) == 4


def test_an_address_that_is_typed_for_transfers_again_and_again_gets_five_letters_a_day(stripe: Running) -> None:
    somebody = f"{uuid4().hex}@example.org"
    for _time in range(7):
        payment = bank.by_transfer(20_00)
        session.execute(sa.update(Payment).where(Payment.id == payment).values(email=somebody))
        session.commit()
        assert starting.start(payment).url
    assert len(mails("money/transfer", somebody)) == 5


def test_what_is_passed_on_says_nothing_about_vat(context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    kept = queries.load_item(owner.id, item_id)
    for words in ({"greeting": "inkl. 19 % MwSt"}, {"giver": "enthält 19 % MwSt"}):
        wish = {"to": "x@example.org", "greeting": "Gruß", "giver": "Anna", "language": "de", "key": uuid4().hex}
        with pytest.raises(Invalid):
            transact(transfer.pass_on, kept, **(wish | words))
    assert queries.load_item(owner.id, item_id).view.balance_cents == 100_00
