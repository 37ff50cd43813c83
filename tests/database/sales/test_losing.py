"""The money of a sale is taken back: what is left is frozen in the same transaction, and thawed when it returns.

The examples of the books: 100.00 paid, 37.50 spent, and so on. Every case ends with the proof of the books.
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from foundation.config import settings
from foundation.database import lock_one, session, transact, uuid7
from foundation.errors import NotFound
from money.ledger import cover, proof
from money.payments import losing
from money.payments.models import Payment
from tests.builders import vouchers as build
from tests.builders.bank import account_of, came
from tests.builders.booking import balance, findings
from tests.builders.ledger import JournalDocument, JournalLine, float_for, write
from tests.builders.sales import last_mail, link_in, mails, paid, sale, text_of, wanted
from tests.builders.threads import at_once
from vouchers.purchases.models import VoucherSale
from vouchers.sales import delivery, drafts, ordering
from vouchers.stored_value import access, deductions
from vouchers.stored_value.models import Lot, Programme, Voucher
from vouchers.tills import holds, redeeming
from vouchers.tills.redeeming import RedemptionOrder


@pytest.fixture(autouse=True)
def proven(context: Flask) -> Iterator[None]:
    """The books are right after every test."""
    yield
    session.rollback()
    assert findings() == []


@pytest.fixture
def programme(context: Flask) -> Programme:
    made: Programme = transact(build.programme)
    float_for(made.issuer_id)
    return made


def token_of(found: VoucherSale) -> str:
    return link_in(text_of(last_mail("vouchers/voucher", found.recipient_email or found.buyer_email)))


def lost(found: VoucherSale, cents: int, case: UUID | None = None, *, back: bool = False) -> UUID:
    """The bank takes money of a sale back, or returns it, as a caller of the hook books it."""
    case = case or uuid7()

    def happen() -> None:
        assert found.payment_id
        payment = lock_one(Payment, found.payment_id)
        sides = ("TB", None, "KZ", payment.id) if back else ("KZ", payment.id, "TB", None)
        line = JournalLine(sides[0], sides[2], cents, sides[1], sides[3])
        kind = "test.returned" if back else "test.taken"
        write(JournalDocument(uuid7(), payment.id, payment.ledger_id, kind), [line])
        if back:
            losing.give_back(payment, case)
        else:
            losing.lose(payment, case, losing.split_loss(payment.tenders[0], cents), "dispute")

    transact(happen)
    return case


def voucher_of(found: VoucherSale) -> tuple[str, int]:
    """Its state, and what lies on it in cents."""
    session.expire_all()
    made = session.get_one(Voucher, found.voucher_id)
    cents = session.scalar(sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == made.id))
    return made.state, int(cents or 0)


def owed(found: VoucherSale) -> tuple[int, int]:
    """What waits for its purpose (KZ), and what the payer owes (SF)."""
    assert found.payment_id
    return balance("KZ", found.payment_id), -balance("SF", found.payment_id)


def test_what_is_left_is_frozen_and_what_was_spent_is_claimed(programme: Programme) -> None:
    """Posting (8): 100.00, of which 37.50 are spent. The shop keeps its money, the pool owes 62.50 less."""
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=100_00))
    token = token_of(found)
    redeeming.redeem(shop.token, RedemptionOrder(token, 37_50, str(uuid4())))
    before = cover.compute_cover(programme.issuer_id)
    session.commit()
    lost(found, 100_00)
    assert (voucher_of(found), owed(found)) == (("charged_back", 0), (0, 37_50))
    assert (balance("KR", shop.outlet_id), balance("VL", found.voucher_id or uuid4())) == (37_50, 0)
    after = cover.compute_cover(programme.issuer_id)
    assert before.free_cents - after.free_cents == 37_50
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(token, 1_00, str(uuid4())))
    session.rollback()


def test_it_is_thawed_once_when_the_money_returns(programme: Programme) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=100_00))
    token = token_of(found)
    redeeming.redeem(shop.token, RedemptionOrder(token, 37_50, str(uuid4())))
    case = lost(found, 100_00)
    lost(found, 100_00, case, back=True)
    assert (voucher_of(found), owed(found)) == (("active", 62_50), (0, 0))
    for name in ("vouchers/money_lost", "vouchers/money_back"):
        (told,) = mails(name, found.buyer_email)
        assert "62,50" in text_of(told)
    assert redeeming.redeem(shop.token, RedemptionOrder(token, 62_50, str(uuid4()))).body["amount_cents"] == 62_50
    payment = session.get_one(Payment, found.payment_id)
    transact(losing.give_back, payment, case)
    assert (voucher_of(found), owed(found)) == (("exhausted", 0), (0, 0))


def test_the_same_case_again_takes_nothing_more(programme: Programme) -> None:
    found = sale(paid(programme, cents=100_00))
    case = lost(found, 40_00)
    payment = session.get_one(Payment, found.payment_id)
    transact(lambda: losing.lose(payment, case, losing.split_loss(payment.tenders[0], 40_00), "dispute"))
    assert (voucher_of(found), owed(found)) == (("active", 60_00), (0, 0))


@pytest.mark.parametrize(("spent", "left", "claimed"), [(0, 60_00, 0), (37_50, 22_50, 0), (80_00, 0, 20_00)])
def test_of_a_part_that_is_taken_back_the_rest_stays_good(
    programme: Programme, spent: int, left: int, claimed: int
) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=100_00))
    if spent:
        redeeming.redeem(shop.token, RedemptionOrder(token_of(found), spent, str(uuid4())))
    lost(found, 40_00)
    assert (voucher_of(found), owed(found)) == (("active" if left else "exhausted", left), (0, claimed))


def test_other_purchases_on_the_same_voucher_stay_good(programme: Programme) -> None:
    found, other = sale(paid(programme, cents=100_00)), build.voucher(programme.id, 10_00)
    assert found.voucher_id
    merged = {"actor_id": uuid7(), "key": str(uuid4()), "reason": "merge by holder"}
    transact(deductions.merge, found.voucher_id, other.voucher_id, **merged)
    case = lost(found, 100_00)
    session.expire_all()
    left = sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == other.voucher_id)
    assert (session.get_one(Voucher, other.voucher_id).state, session.scalar(left)) == ("active", 10_00)
    session.commit()
    lost(found, 100_00, case, back=True)
    assert (session.scalar(left), owed(found)) == (110_00, (0, 0))


def test_what_comes_back_follows_a_voucher_that_was_merged_meanwhile(programme: Programme) -> None:
    found, other = sale(paid(programme, cents=100_00)), build.voucher(programme.id, 10_00)
    case = lost(found, 40_00)
    assert found.voucher_id
    merged = {"actor_id": uuid7(), "key": str(uuid4()), "reason": "merge by holder"}
    transact(deductions.merge, found.voucher_id, other.voucher_id, **merged)
    lost(found, 40_00, case, back=True)
    left = sa.select(sa.func.sum(Lot.balance)).where(Lot.voucher_id == other.voucher_id)
    assert (session.scalar(left), voucher_of(found)) == (110_00, ("replaced", 0))


@pytest.mark.parametrize("captured", [True, False])
def test_what_is_reserved_is_waited_for_and_cannot_be_spent_in_between(programme: Programme, captured: bool) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=100_00))
    token = token_of(found)
    held = holds.hold(shop.token, token, cents=30_00, key=str(uuid4()), expires_in_seconds=600)
    case = lost(found, 100_00)
    assert (voucher_of(found), owed(found)) == (("blocked", 30_00), (0, 30_00))
    losing.recover()
    end = holds.capture if captured else holds.release
    end(shop.token, UUID(str(held.body["hold_id"])), key=str(uuid4()))
    with pytest.raises(NotFound):
        redeeming.redeem(shop.token, RedemptionOrder(token, 1_00, str(uuid4())))
    session.rollback()
    losing.recover()
    losing.recover()
    assert owed(found) == (0, 30_00 if captured else 0)
    assert voucher_of(found)[1] == 0
    lost(found, 100_00, case, back=True)
    assert (voucher_of(found), owed(found)) == (("active", 70_00 if captured else 100_00), (0, 0))


def test_a_voucher_that_its_holder_had_blocked_is_blocked_again(programme: Programme) -> None:
    found = sale(paid(programme, cents=100_00))
    assert found.voucher_id
    transact(access.block, found.voucher_id, actor_id=uuid7(), key=str(uuid4()), reason="holder")
    case = lost(found, 100_00)
    assert voucher_of(found)[0] == "charged_back"
    lost(found, 100_00, case, back=True)
    assert voucher_of(found) == ("blocked", 100_00)


def test_a_bonus_goes_back_to_its_campaign_and_returns_with_the_money(programme: Programme) -> None:
    found, campaign = sale(paid(programme, cents=100_00)), uuid7()
    assert found.voucher_id
    build.load(programme.id, found.voucher_id, 20_00, kind="bonus", origin_id=campaign, days=60)
    case = lost(found, 100_00)
    assert (balance("CB", campaign), voucher_of(found), owed(found)) == (20_00, ("charged_back", 0), (0, 0))
    lost(found, 100_00, case, back=True)
    assert (balance("CB", campaign), voucher_of(found), owed(found)) == (0, ("active", 120_00), (0, 0))


def test_nothing_is_delivered_while_the_money_is_gone(programme: Programme) -> None:
    account_of(programme.issuer_id)
    sale_id = transact(drafts.draft_sale, wanted(programme, cents=100_00))
    came(transact(ordering.place_order, sale_id, method="transfer", shown_cents=100_00), 100_00)
    found = sale(sale_id)
    case = lost(found, 100_00)
    transact(delivery.deliver_sale, str(found.id))
    assert (sale(found.id).state, len(mails("vouchers/voucher", found.buyer_email))) == ("paid", 0)
    lost(found, 100_00, case, back=True)
    transact(delivery.deliver_sale, str(found.id))
    assert (sale(found.id).state, len(mails("vouchers/voucher", found.buyer_email))) == ("delivered", 1)


def test_loss_and_redemption_at_the_same_moment_share_every_cent_once(app: Flask, programme: Programme) -> None:
    """Its control: together they take exactly what was paid, whoever comes first."""
    programme_id, shop = programme.id, build.accepting_shop(programme.id)
    session.commit()
    for _round in range(6):
        found = sale(paid(session.get_one(Programme, programme_id), cents=100_00))
        token = token_of(found)
        session.remove()

        def act(n: int, token: str = token, found: VoucherSale = found) -> object:
            if n == 0:
                return lost(found, 100_00)
            return redeeming.redeem(shop.token, RedemptionOrder(token, 40_00, str(uuid4()))).body["amount_cents"]

        answers = at_once(app, act, [1, 0, 1, 1])
        spent = sum(int(a) for a in answers if isinstance(a, int))
        assert not [a for a in answers if isinstance(a, Exception) and not isinstance(a, NotFound)] or spent == 80_00
        assert (owed(found), voucher_of(found)[1]) == ((0, spent), 0)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE claim_move SET cents = cents + 1 WHERE payment_id = %(payment)s", "Z-18"),
        ("DELETE FROM claim_move WHERE payment_id = %(payment)s", "Z-18"),
        ("DELETE FROM entry WHERE kind = 'claim_raised' AND aggregate_id = %(payment)s", "Z-18"),
        ("UPDATE claim_move SET kind = 'settled' WHERE payment_id = %(payment)s", "Z-18"),
        ("UPDATE claim_move SET kind = 'settled' WHERE payment_id = %(payment)s", "Z-17"),
        ("UPDATE payment_loss SET ledger_id = id WHERE payment_id = %(payment)s", "Z-18"),
        ("UPDATE entry SET cents = cents - 1 WHERE kind = 'claim_raised' AND aggregate_id = %(payment)s", "Z-19"),
        ("DELETE FROM entry WHERE kind = 'voucher.charge_back' AND debit_party = %(voucher)s", "Z-19"),
        ("DELETE FROM entry WHERE kind = 'voucher.charge_back' AND debit_party = %(voucher)s", "V-08"),
        (
            "UPDATE voucher_operation SET kind = 'adjust' WHERE kind = 'charge_back' AND voucher_id = %(voucher)s",
            "V-08",
        ),
    ],
)
def test_the_proof_finds_what_is_wrong_and_what_is_missing(programme: Programme, damage: str, code: str) -> None:
    shop = build.accepting_shop(programme.id)
    found = sale(paid(programme, cents=100_00))
    redeeming.redeem(shop.token, RedemptionOrder(token_of(found), 37_50, str(uuid4())))
    lost(found, 100_00)
    query = next(query.sql for query in proof.list_queries() if query.code == code)
    with psycopg.connect(settings().database_url) as owner:
        owner.execute("SET session_replication_role = replica")
        named = {"payment": found.payment_id, "voucher": found.voucher_id}
        assert owner.execute(query).fetchall() == []  # type: ignore[call-overload]
        assert owner.execute(damage, named).rowcount == 1  # type: ignore[call-overload]
        assert owner.execute(query).fetchall() != []  # type: ignore[call-overload]
        owner.rollback()
