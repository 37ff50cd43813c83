"""A counter with cards and its clerk; the issuer's clerk. Signed in with a password, as people do."""

import html
import re
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.database import session
from people import persons
from people.queries import find_person
from tests.builders import cards as build_cards
from tests.web.test_sign_in import member, sign_in
from vouchers.cards.models import Counter


@dataclass(frozen=True)
class Place:
    """The scene with two signed-in visitors."""

    scene: build_cards.Scene
    seller: FlaskClient
    office: FlaskClient


def signed_in(app: Flask, role: str, organisation_id: UUID) -> FlaskClient:
    email = member("retailer_clerk")
    person = find_person(email)
    assert person
    for membership in list(person.memberships):
        session.delete(membership)
    persons.join(person.id, organisation_id, role)
    session.commit()
    client = app.test_client()
    assert sign_in(client, email) == 302
    return client


@pytest.fixture
def place(app: Flask, context: Flask) -> Place:
    scene = build_cards.scene()
    organisation_id = session.get_one(Counter, scene.counter_id).organisation_id
    seller = signed_in(app, "counter_clerk", organisation_id)
    return Place(scene, seller, signed_in(app, "issuer_clerk", scene.programme.issuer_id))


def hidden(page: TestResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, name
    return html.unescape(found.group(1))
