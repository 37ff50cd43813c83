"""A method that nobody thought of is offered by no shop, no voucher sale and no page until a payable allows its kind.

Positive control: the same methods are offered and taken as soon as `Allowance` names their kind of money.
"""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from demo.stripe_standin.testing import Running
from foundation.database import transact
from foundation.errors import DomainError, Refused
from marketplace.checkout import amount_due, placing
from marketplace.checkout.draft import load_draft
from money.payments import links, methods, opening, payables
from money.payments.methods import MethodOffer, Redirection
from money.payments.models import Tender
from money.payments.payables import Allowance, AmountDue, Rail, Traits
from money.payments.tendering import TenderRequest
from tests.builders import orders as build
from tests.builders.payments import THINGS, mixed, prepare, thing
from tests.builders.sales import wanted
from tests.builders.vouchers import programme
from tests.web.checkout.test_shopper import put, to_payment
from vouchers.purchases.links import sign_order
from vouchers.sales import drafts, ordering
from vouchers.sales.payable import VoucherOrderPayable

SHELLS = "shells"
EVERY_SHOP = frozenset({"card", "sepa", "pickup", "voucher", "cash", "ec"})


class ShellMethod:
    """An external method that settles, on both rails, for which a shop need take nothing special."""

    key = "unknown_outside"
    label: object = "Muscheln"
    traits = Traits(SHELLS, rails=frozenset(Rail), settles_before_delivery=True, shop_kinds=frozenset({"card"}))

    def offer(self, due: AmountDue) -> MethodOffer | None:
        return MethodOffer(self.key, self.label)

    def hold(self, tender: Tender) -> None: ...

    def start(self, payment_id: UUID) -> Redirection:
        return Redirection("/")

    def capture(self, tender: Tender) -> None: ...

    def release(self, tender: Tender) -> None: ...


class ShellCardMethod(ShellMethod):
    """An internal one: stored value of an unknown kind."""

    key = "unknown_inside"
    traits = replace(ShellMethod.traits, is_stored_value=True, refundable_days=1)

    def offer(self, due: AmountDue, given: str = "") -> MethodOffer:
        raise AssertionError("nobody asks a method that is not allowed")

    def refund(self, tender: Tender, cents: int, key: str) -> None: ...


@pytest.fixture(autouse=True)
def unknown(context: Flask) -> Iterator[None]:
    prepare()
    methods.register_external(ShellMethod())
    methods.register_internal(ShellCardMethod())
    yield
    for key in (ShellMethod.key, ShellCardMethod.key):
        methods.unregister(key)


def names(due: AmountDue) -> set[str]:
    stored = methods.find_stored_value(due)
    return {offer.method for offer in methods.list_offers(due)} | ({stored.key} if stored else set())


def refusal(action: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(DomainError) as refused:
        transact(action, *args, **kwargs)  # type: ignore[arg-type]
    return refused.value.code


def test_no_shop_offers_it(client: FlaskClient) -> None:
    draft_id = build.draft(build.cart(build.offer(build.shop(payment_kinds=EVERY_SHOP))))
    draft = load_draft(draft_id)
    due = draft.calculate_amount_due("de")
    assert names(due) == {"card", "sepa_debit", "pickup", "voucher"}
    attempt = placing.Placement(draft.row.key, draft.basket.cents, ShellMethod.key, None, "de")
    assert refusal(placing.place, draft_id, attempt) == "method_not_offered"
    assert put(client, build.offer(build.shop(payment_kinds=EVERY_SHOP))) == 303
    page = to_payment(client)
    assert 'value="card"' in page
    assert "unknown" not in page
    assert "Muscheln" not in page


def test_no_voucher_sale_offers_it(client: FlaskClient, stripe: Running) -> None:
    sold = transact(programme)
    sale_id = transact(drafts.draft_sale, wanted(sold))
    assert names(VoucherOrderPayable().load_due(sale_id)) == {"card", "sepa_debit", "transfer"}
    for key in (ShellMethod.key, ShellCardMethod.key):
        assert refusal(ordering.place_order, sale_id, method=key, shown_cents=4250) == "method_not_offered"
    link = f"/gutscheine/bestellung/{sign_order(sale_id)}"
    page = client.get(link).text
    assert 'value="card"' in page
    assert "Muscheln" not in page
    assert client.post(link, data={"shown_cents": "4250", "method": ShellMethod.key}).status_code == 409


def test_the_page_of_a_payment_does_not_name_it(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    assert "Muscheln" not in client.get(f"/bezahlen/{links.sign_payment_id(payment)}").text


def test_every_payable_allows_kinds_by_name_and_no_other() -> None:
    due = THINGS.known[thing(20_00)]
    for key in (ShellMethod.key, ShellCardMethod.key):
        ref = thing(20_00)
        with pytest.raises(Refused) as refused:
            transact(opening.open_payment, THINGS.kind, ref, [TenderRequest(key, 20_00)], key="unknown method")
        assert refused.value.code == "method_not_offered"
    assert names(replace(due, allows=Allowance())) == set()


def test_it_is_offered_and_taken_as_soon_as_a_payable_allows_its_kind() -> None:
    allowed = Allowance(frozenset({SHELLS}))
    due = THINGS.known[thing(20_00, allows=allowed)]
    assert names(due) == {ShellMethod.key, ShellCardMethod.key}
    for key in (ShellMethod.key, ShellCardMethod.key):
        ref = thing(20_00, allows=allowed)
        name = f"allowed method {ref}"
        assert transact(opening.open_payment, THINGS.kind, ref, [TenderRequest(key, 20_00)], key=name)
    shop = amount_due.calculate_amount_due([], title="t", email="a@example.org", language="de")
    assert SHELLS not in shop.allows.money
    assert payables.of("voucher_order")
