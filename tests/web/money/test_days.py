"""The office's days: how each stands, what differs, who looks after it, and that nobody decides alone or for others."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from money.bank import receiving
from money.bank.receiving import BankCredit
from money.day_end import owners, reviewing
from money.day_end.models import DayDifference
from tests.builders import bank, orders
from tests.builders.day_end import ago, open_rows, states_on
from tests.builders.orders import sign_in
from tests.builders.organisations import organisation

PLACE = "/office/tage"


@dataclass(frozen=True)
class Ground:
    """An issuer with a day that agrees and one on which a typed credit differs, and two of its clerks."""

    ledger: UUID
    receipt: UUID
    first: FlaskClient
    second: FlaskClient

    def row(self) -> DayDifference:
        (found,) = open_rows(self.ledger)
        return found


def clerk(app: Flask, ledger: UUID) -> FlaskClient:
    """A signed-in clerk of an issuer."""
    client = app.test_client()
    sign_in(client, orders.staff("issuer_clerk", ledger))
    return client


@pytest.fixture
def ground(app: Flask, context: Flask) -> Ground:
    ledger = transact(organisation, "issuer").id
    clerks = clerk(app, ledger), clerk(app, ledger)
    account = bank.account_of(ledger)
    states_on(account, ago(3), bank.line(50_00, "a"), opening=0)
    wanted = BankCredit("T1", 30_00, ago(2), "Paula Payer", None, "Miete")
    receipt = transact(receiving.record_receipt, account, wanted, uuid4()).receipt_id
    states_on(account, ago(2))
    transact(reviewing.review, ledger)
    return Ground(ledger, receipt, *clerks)


def months(client: FlaskClient) -> str:
    """The page of the months that the days of the test lie in."""
    return "".join(client.get(f"{PLACE}?monat={day.isoformat()[:7]}").text for day in sorted({ago(3), ago(1)}))


def test_days_differences_and_what_explains_them_are_shown(ground: Ground) -> None:
    page = months(ground.first)
    for word in ("days-cell closed", "days-cell differs", "days-cell waits", "30,00", "Zuständig"):
        assert word in page
    assert f"/office/bank#u-{ground.receipt}" in page
    assert "von Hand erfasst und in keinem Auszug" in page
    for month in ("2026-13", "x", "", "9999-01", "0001-01"):
        assert ground.first.get(f"{PLACE}?monat={month}").status_code == 200


def test_one_clerk_says_why_it_stays_and_another_accepts_it(ground: Ground) -> None:
    row = ground.row()
    address = f"{PLACE}/unterschied/{row.id}"
    answer = {"agreed": "yes", "cents": "3000", "until": row.until_day.isoformat()}
    assert ground.first.post(f"{address}/begruenden", data={"reason": "kurz"}).status_code == 422
    assert ground.first.post(f"{address}/entscheiden", data=answer).status_code == 409
    assert ground.first.post(f"{address}/begruenden", data={"reason": "die Bank klärt das"}).status_code == 303
    assert "Vorschlag zurücknehmen" in ground.first.get(PLACE).text
    assert ground.first.post(f"{address}/entscheiden", data=answer).status_code == 409
    assert "Unterschied annehmen" in ground.second.get(PLACE).text
    for wrong in ({"cents": "2999"}, {"agreed": "vielleicht"}, {"cents": ""}, {"until": ""}, {"until": "gestern"}):
        assert ground.second.post(f"{address}/entscheiden", data=answer | wrong).status_code in {409, 422}
    assert ground.row().accepted_at is None
    assert ground.second.post(f"{address}/entscheiden", data=answer).status_code == 303
    assert ground.second.post(f"{address}/entscheiden", data=answer).status_code == 404
    assert transact(reviewing.review, ground.ledger) == 1
    assert "angenommen von zwei Personen" in months(ground.first)


def test_a_proposal_is_declined(ground: Ground) -> None:
    row = ground.row()
    address = f"{PLACE}/unterschied/{row.id}"
    ground.first.post(f"{address}/begruenden", data={"reason": "die Bank klärt das"})
    refused = ground.second.post(
        f"{address}/entscheiden", data={"agreed": "no", "cents": "3000", "until": row.until_day}
    )
    assert (refused.status_code, ground.row().reason) == (303, None)


def test_a_difference_is_given_to_a_colleague(ground: Ground) -> None:
    row = ground.row()
    one, other = [person.id for person in owners.list_candidates(ground.ledger)][:2]
    session.commit()
    address = f"{PLACE}/unterschied/{row.id}/zustaendig"
    assert row.owner_id == one
    for wrong in ("", "x", str(uuid4())):
        assert ground.first.post(address, data={"owner": wrong}).status_code == 422
    assert ground.first.post(address, data={"owner": str(other)}).status_code == 303
    assert ground.row().owner_id == other


def test_others_see_and_decide_nothing(app: Flask, ground: Ground) -> None:
    stranger = clerk(app, transact(organisation, "issuer").id)
    row = ground.row()
    assert str(row.id) not in stranger.get(PLACE).text
    for deed in ("zustaendig", "begruenden", "entscheiden"):
        assert stranger.post(f"{PLACE}/unterschied/{row.id}/{deed}", data={}).status_code == 404
        assert app.test_client().post(f"{PLACE}/unterschied/{row.id}/{deed}", data={}).status_code in {302, 303, 401}
