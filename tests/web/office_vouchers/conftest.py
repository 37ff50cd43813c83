"""An issuer with two clerks who are signed in, and their programme."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session, transact
from people import persons
from people.queries import find_person
from tests.builders import vouchers as build
from tests.web.test_sign_in import member, sign_in
from vouchers.approvals import queries
from vouchers.stored_value.models import Programme


@dataclass
class Office:
    """Two clerks of one issuer, each with a browser."""

    programme: Programme
    first: FlaskClient
    second: FlaskClient

    def approve(self) -> None:
        """The second clerk approves whatever waits."""
        for told in queries.list_waiting([self.programme.issuer_id]):
            answer = self.second.post(f"/office/freigaben/{told.proposal.id}/freigeben")
            assert answer.status_code == 303, answer.text


def clerk(app: Flask, issuer_id: UUID, role: str = "issuer_clerk") -> FlaskClient:
    """A browser in which a clerk of the issuer is signed in."""
    email = member(role)
    person = find_person(email)
    assert person
    transact(persons.join, person.id, issuer_id, role)
    browser = app.test_client()
    assert sign_in(browser, email) == 302
    return browser


@pytest.fixture
def office(app: Flask, context: Flask) -> Office:
    programme = transact(build.programme)
    session.commit()
    return Office(programme, clerk(app, programme.issuer_id), clerk(app, programme.issuer_id))
