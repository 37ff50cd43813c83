"""What one issuer pays another: the office's pages of both, from what is decided to what has arrived."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import today
from foundation.database import session, transact
from money.bank import accounts, queries, settling
from people.models import Organisation
from tests.builders import bank, orders
from tests.builders import network as people
from tests.builders import vouchers as build
from tests.builders.orders import sign_in
from vouchers.network import reciprocity, settlement
from vouchers.tills import redeeming
from vouchers.tills.redeeming import RedemptionOrder

WORDS = "Ausgleich Woche 49"


def staff(app: Flask, organisation_id: UUID) -> FlaskClient:
    """A signed-in clerk of an issuer."""
    client = app.test_client()
    sign_in(client, orders.staff("issuer_clerk", organisation_id))
    return client


class Two:
    """A debtor and a creditor with 45.00 decided between them, and a clerk of each at the pages."""

    def __init__(self, app: Flask) -> None:
        guest, host = transact(build.programme), transact(build.programme)
        transact(reciprocity.enact, guest.id, host.id)
        shop, given = transact(build.accepting_shop, host.id), transact(build.voucher, guest.id)
        redeeming.redeem(shop.token, RedemptionOrder(given.token, 60_00, str(uuid4())))
        self.debtor, self.creditor = guest.issuer_id, host.issuer_id
        first, second = (transact(people.clerk, guest.issuer_id) for _n in range(2))
        by_two = {"reference": WORDS, "proposed_by": first, "approved_by": second}
        self.made = transact(settlement.settle, self.debtor, self.creditor, 45_00, **by_two).id
        self.payer, self.payee = staff(app, self.debtor), staff(app, self.creditor)
        session.commit()

    def account(self, issuer_id: UUID) -> UUID:
        """The issuer's trust account."""
        found = accounts.find_open_account(issuer_id)
        assert found
        session.commit()
        return found.id

    def page(self, client: FlaskClient, issuer_id: UUID) -> str:
        """The issuer's own page, with what was decided between issuers."""
        slug = session.get_one(Organisation, issuer_id).slug
        session.commit()
        return client.get(f"/office/herausgeber/{slug}").text


@pytest.fixture
def two(context: Flask) -> Two:
    return Two(context)


def test_the_debtors_office_sends_it_and_both_pages_say_where_it_is(two: Two) -> None:
    for client, issuer in ((two.payer, two.debtor), (two.payee, two.creditor)):
        assert "noch zu überweisen" in two.page(client, issuer)
    said = two.payer.get("/office/bank").text
    assert "Ausgleich mit einem anderen Herausgeber" in said
    assert WORDS in said
    [owed] = queries.list_open_returns({two.debtor})
    session.commit()
    assert two.payee.post(f"/office/bank/rueckgabe/{owed.id}", data={"done_on": today().isoformat()}).status_code == 404
    assert two.payer.post(f"/office/bank/rueckgabe/{owed.id}", data={"done_on": today().isoformat()}).status_code == 303
    assert "überwiesen am" in two.page(two.payee, two.creditor)
    payer = accounts.load_account(two.account(two.debtor)).iban
    bank.states(two.account(two.creditor), bank.line(45_00, WORDS, party_iban=payer))
    assert "angekommen" in two.page(two.payer, two.debtor)


def test_a_credit_that_names_nothing_is_placed_by_the_creditors_clerk_alone(two: Two) -> None:
    receipt = bank.received(two.account(two.creditor), bank.line(45_00, "Sammler"))
    assert WORDS in two.payee.get("/office/bank").text
    address = f"/office/bank/eingang/{receipt}/ausgleich"
    assert two.payer.post(address, data={"settlement": str(two.made)}).status_code == 404
    for wrong in ("", "x", str(uuid4())):
        refused = two.payee.post(address, data={"settlement": wrong})
        assert refused.status_code == 422
        assert "Bitte wählen Sie den Ausgleich" in refused.text
    assert two.payee.post(address, data={"settlement": str(two.made)}).status_code == 303
    assert settling.load_transfers([two.made])[two.made].has_arrived
    session.commit()
    assert two.payee.post(address, data={"settlement": str(two.made)}).status_code == 422
