"""Several vouchers in one order: several contracts, one payment, the money of each in its own issuer's books."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import Running
from foundation import clock
from foundation.database import session, transact
from foundation.errors import Invalid, NotFound, Refused
from money.ledger import proof
from money.payments import calling, methods, payables, recovering, starting
from money.payments.models import Payment, Refund
from tests.builders import vouchers as build
from tests.builders.bank import account_of, came
from tests.builders.ledger import float_for
from tests.builders.sales import last_mail, lines, order, papers_of, pay, sale, text_of, wanted
from tests.builders.threads import at_once
from vouchers.network.models import SaleClaim
from vouchers.purchases import queries
from vouchers.purchases.models import VoucherOrder, VoucherSale, VoucherTerms
from vouchers.sales import conditions, delivery, drafts, ordering, requests
from vouchers.sales.payable import VoucherOrderPayable
from vouchers.stored_value.models import Lot, Programme, Voucher


@pytest.fixture
def two(context: Flask) -> tuple[Programme, Programme]:
    """Programmes of two issuers."""
    first, second = transact(build.programme), transact(build.programme)
    for each in (first, second):
        float_for(each.issuer_id)
    return first, second


def basket(first: Programme, second: Programme) -> UUID:
    """An order of 42.50 € and 20.00 €."""
    order_id = queries.load_sale(transact(drafts.draft_sale, wanted(first))).order_id
    buyer = order(order_id).buyer_email
    transact(drafts.draft_sale, wanted(second, cents=20_00, buyer_email=buyer), order_id=order_id)
    return order_id


def booked(ledger_id: UUID, account: str) -> int:
    """What lies on an account of a ledger, in cents (credits minus debits)."""
    query = sa.text(
        "SELECT coalesce(sum(CASE WHEN credit_account = :a THEN cents ELSE -cents END), 0)::bigint FROM entry"
        " WHERE ledger_id = :ledger AND :a IN (credit_account, debit_account)"
    )
    found = session.scalar(query, {"ledger": ledger_id, "a": account})
    session.commit()
    return int(found or 0)


def test_a_basket_is_one_payment_with_a_share_and_a_contract_for_each_issuer(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    owed = VoucherOrderPayable().load_due(order_id)
    assert (owed.cents, owed.rail, owed.ledger_id) == (62_50, "issuer", two[0].issuer_id)
    assert [(s.organisation_id, s.cents) for s in owed.shares] == [(two[0].issuer_id, 42_50), (two[1].issuer_id, 20_00)]
    assert [s.ref_id for s in owed.shares] == [each.id for each in lines(order_id)]
    assert len({each.number for each in lines(order_id)} | {order(order_id).number}) == 3


def test_card_money_of_a_basket_lands_in_the_books_of_each_issuer(
    stripe: Running, two: tuple[Programme, Programme]
) -> None:
    order_id = basket(*two)
    payment = transact(ordering.place_order, order_id, method="card", shown_cents=62_50)
    assert transact(ordering.place_order, order_id, method="card", shown_cents=62_50) == payment
    stripe.pay(starting.start(payment).url)
    for _round in range(2):
        calling.advance(payment, force=True)
    recovering.recover()
    assert [each.state for each in lines(order_id)] == ["paid", "paid"]
    assert [booked(p.issuer_id, "VL") for p in two] == [42_50, 20_00]
    assert [booked(p.issuer_id, "KZ") for p in two] == [0, 0]
    assert proof.prove() == []


def test_the_confirmation_lists_issuer_by_issuer_and_each_has_its_own_paper(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    pay(order_id)
    letter = last_mail("vouchers/confirmation", order(order_id).buyer_email)
    text = text_of(letter)
    papers = dict(papers_of(letter))
    receipts = {name: paper for name, paper in papers.items() if name.startswith("Beleg")}
    for each, programme in zip(lines(order_id), two, strict=True):
        assert each.number in text
        own = receipts[f"Beleg-{each.number}.pdf"]
        assert programme.issuer.legal_name in own.replace("\n", " ")
        assert each.number in own
        other = next(p for p in two if p is not programme)
        assert other.issuer.legal_name not in own.replace("\n", " ")
    assert text.index(two[0].issuer.legal_name) < text.index(two[1].issuer.legal_name)
    assert len([name for name in papers if name.startswith("Bedingungen")]) == 2


def test_the_text_that_was_agreed_is_kept_and_mailed(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    transact(ordering.place_order, order_id, method="card", shown_cents=62_50)
    first = lines(order_id)[0]
    agreed = conditions.load_agreed_text(first.terms_hash)
    assert agreed
    assert "binnen 14 Tagen" in agreed
    assert two[0].issuer.legal_name in agreed
    assert conditions.VERSION in agreed
    two[0].name = "Umbenannt"
    session.commit()
    assert conditions.load_agreed_text(lines(order_id)[0].terms_hash) == agreed
    assert conditions.store_text(two[0], "de") != first.terms_hash
    assert session.get(VoucherTerms, first.terms_hash)


def test_a_form_sent_twice_is_one_voucher(two: tuple[Programme, Programme]) -> None:
    key = uuid4().hex
    wish = wanted(two[0])
    first = transact(drafts.draft_sale, wish, form_key=key)
    assert transact(drafts.draft_sale, wish, form_key=key) == first
    changed = wanted(two[0], cents=50_00, buyer_email=wish.buyer_email)
    assert transact(drafts.draft_sale, changed, form_key=key) == first
    assert [each.cents for each in lines(sale(first).order_id)] == [50_00]


def test_the_same_form_at_the_same_moment_is_one_voucher(app: Flask, two: tuple[Programme, Programme]) -> None:
    order_id, programme_id = basket(*two), two[0].id
    buyer = order(order_id).buyer_email
    session.remove()
    wish = requests.VoucherRequest(programme_id=programme_id, cents=30_00, buyer_email=buyer)
    for into in (None, order_id, None, None):
        key = uuid4().hex

        def send(_n: int, into: UUID | None = into, key: str = key) -> UUID:
            return transact(drafts.draft_sale, wish, order_id=into, form_key=key)

        answers = at_once(app, send, range(8))
        assert len(set(answers)) == 1, answers
    assert [each.cents for each in lines(order_id)] == [42_50, 20_00, 30_00]


def test_after_the_order_the_same_form_begins_a_new_one(two: tuple[Programme, Programme]) -> None:
    key, wish = uuid4().hex, wanted(two[0])
    first = transact(drafts.draft_sale, wish, form_key=key)
    transact(ordering.place_order, first, method="card", shown_cents=42_50)
    second = transact(drafts.draft_sale, wish, form_key=key)
    assert second != first
    assert sale(second).order_id != sale(first).order_id


def test_lines_are_changed_and_taken_out_but_never_the_last(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    first, second = lines(order_id)
    transact(drafts.change_sale, second.id, wanted(two[1], cents=30_00, buyer_email="neu@example.org"))
    assert [(each.cents, each.buyer_email) for each in lines(order_id)] == [
        (42_50, "neu@example.org"),
        (30_00, "neu@example.org"),
    ]
    transact(drafts.remove_sale, first.id)
    assert [each.id for each in lines(order_id)] == [second.id]
    with pytest.raises(Refused) as refused:
        transact(drafts.remove_sale, second.id)
    assert refused.value.code == "last_line"


def test_nothing_of_an_order_changes_once_it_is_placed(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    first = lines(order_id)[0].id
    transact(ordering.place_order, order_id, method="card", shown_cents=62_50)
    for action, code in (
        (lambda: drafts.remove_sale(first), "already_ordered"),
        (lambda: drafts.change_sale(first, wanted(two[0])), "already_ordered"),
        (lambda: drafts.draft_sale(wanted(two[0]), order_id=order_id), "order_placed"),
        (lambda: drafts.drop_picture(first), "already_ordered"),
    ):
        with pytest.raises(Refused) as refused:
            transact(action)
        assert refused.value.code == code
    assert len(lines(order_id)) == 2


def test_a_basket_is_not_endless(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    for _n in range(drafts.MAX_ORDER_SALES - 2):
        transact(drafts.draft_sale, wanted(two[0], cents=10_00), order_id=order_id)
    with pytest.raises(Refused) as refused:
        transact(drafts.draft_sale, wanted(two[0], cents=10_00), order_id=order_id)
    assert refused.value.code == "basket_full"


def test_no_voucher_buys_a_voucher_whatever_is_paid_for(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    due = payables.of("voucher_order").load_due(order_id)
    assert methods.find_stored_value(due) is None
    assert not {"voucher", "pickup"} & {offer.method for offer in methods.list_offers(due)}
    for method in ("voucher", "pickup"):
        with pytest.raises(Refused) as refused:
            transact(ordering.place_order, order_id, method=method, shown_cents=62_50)
        assert refused.value.code in {"method_not_offered", "method_unknown"}
    assert order(order_id).state == "draft"


def test_a_programme_taken_off_sale_stops_the_order(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    two[1].on_sale = False
    session.commit()
    with pytest.raises(NotFound):
        transact(ordering.place_order, order_id, method="card", shown_cents=62_50)
    assert [each.state for each in lines(order_id)] == ["draft", "draft"]
    assert session.scalar(sa.select(sa.func.count()).where(Payment.ref_id == order_id)) == 0


def test_every_voucher_names_the_sale_that_it_comes_from(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    pay(order_id)
    for each in lines(order_id):
        lot = session.scalars(sa.select(Lot).where(Lot.voucher_id == each.voucher_id)).one()
        assert (lot.origin_id, lot.kind, lot.balance) == (each.id, "paid", each.cents)


def test_told_twice_that_it_is_paid_makes_no_second_voucher(two: tuple[Programme, Programme]) -> None:
    order_id = basket(*two)
    payment = pay(order_id)
    transact(VoucherOrderPayable().on_secured, order_id, payment)
    made = sa.select(sa.func.count()).where(Voucher.programme_id.in_([p.id for p in two]))
    assert session.scalar(made) == 2


def test_wishes_that_nobody_ordered_are_forgotten_with_their_addresses(two: tuple[Programme, Programme]) -> None:
    kept, gone = basket(*two), basket(*two)
    session.get_one(VoucherOrder, gone).created_at = clock.now() - timedelta(days=15)
    session.commit()
    transact(delivery.delete_old_drafts)
    session.expire_all()
    assert session.get(VoucherOrder, gone) is None
    assert session.scalars(sa.select(VoucherSale).where(VoucherSale.order_id == gone)).all() == []
    assert len(lines(kept)) == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"delivery": "mail"}, "recipient_email"),
        ({"delivery": "letter", "recipient_name": "Oma", "street": "Markt 1"}, "town_line"),
        ({"delivery": "letter", "recipient_name": "Oma", "town_line": "48653 Coesfeld"}, "street"),
        ({"delivery": "letter", "street": "Markt 1", "town_line": "48653 Coesfeld"}, "recipient_name"),
        ({"delivery": "taube"}, "gift"),
        ({"delivery": "print", "message": "inkl. 19 % MwSt"}, "message"),
        ({"delivery": "print", "recipient_name": "7 % Umsatzsteuer"}, "recipient_name"),
    ],
)
def test_a_way_of_giving_needs_what_it_needs(
    two: tuple[Programme, Programme], changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        transact(drafts.draft_sale, wanted(two[0], gift=True, **changes))
    assert refused.value.details["field"] == field


def test_money_that_comes_when_the_month_is_full_goes_back_and_makes_no_voucher(context: Flask) -> None:
    programme: Programme = transact(build.programme)
    account_of(programme.issuer_id)
    sale_id = transact(drafts.draft_sale, wanted(programme))
    payment = transact(ordering.place_order, sale_id, method="transfer", shown_cents=42_50)
    session.execute(sa.update(SaleClaim).where(SaleClaim.ref_id == sale_id).values(released_at=clock.now()))
    others = SaleClaim(
        ref_id=uuid4(),
        programme_id=programme.id,
        month=clock.today().replace(day=1),
        cents=programme.month_cents,
        claimed_at=clock.now(),
    )
    session.add(others)
    session.commit()
    came(payment, 42_50)
    assert (order(sale_id).state, sale(sale_id).state, sale(sale_id).voucher_id) == ("returned", "ordered", None)
    assert session.scalars(sa.select(Refund.cents).where(Refund.payment_id == payment)).all() == [42_50]
    transact(delivery.announce_return, str(sale_id))
    assert "Wir geben alles zurück" in text_of(last_mail("vouchers/returned", sale(sale_id).buyer_email))
    with pytest.raises(Refused):
        transact(ordering.place_order, sale_id, method="transfer", shown_cents=42_50)
