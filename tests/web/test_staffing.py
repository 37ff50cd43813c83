"""The owner lets clerks in and out; the office looks on."""

import re
from email import message_from_bytes, policy
from uuid import UUID, uuid4

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation import links
from foundation.database import session
from foundation.models import OutgoingMail
from foundation.security import decrypt, keyed_hash
from people.models import Membership
from people.queries import find_person
from tests.web.test_sign_in import link_for, member, sign_in


def organisation_of(email: str) -> UUID:
    person = find_person(email)
    assert person
    return person.memberships[0].organisation_id


def owner(client: FlaskClient) -> UUID:
    email = member("retailer_owner")
    assert sign_in(client, email) == 302
    return organisation_of(email)


def roles(organisation_id: UUID) -> list[str]:
    session.expire_all()
    query = sa.select(Membership.role).where(Membership.organisation_id == organisation_id).order_by(Membership.role)
    return list(session.scalars(query))


def invitation_of(email: str) -> str:
    """The path in the newest invitation to an address."""
    row = session.scalars(
        sa.select(OutgoingMail)
        .where(OutgoingMail.recipient_hash == keyed_hash("mail", email))
        .order_by(OutgoingMail.created_at.desc())
    ).first()
    assert row
    assert row.message
    letter = message_from_bytes(decrypt(row.message), policy=policy.default).get_body(("plain",))  # type: ignore[attr-defined]
    return str(re.search(r"/einladung/\S+", letter.get_content())[0])  # type: ignore[index]


def test_a_clerk_accepts_an_invitation_and_is_let_out_again(client: FlaskClient, app: Flask, context: Flask) -> None:
    shop, email = owner(client), f"{uuid4().hex}@example.org"
    values = {"email": email, "name": "Emil | Ems", "role": "retailer_clerk"}
    assert client.post(f"/desk/mitarbeit/{shop}", data=values).status_code == 303
    assert roles(shop) == ["retailer_owner"]
    link, clerk = invitation_of(email), app.test_client()
    assert email in clerk.get(link).text
    assert roles(shop) == ["retailer_owner"]
    for _twice in range(2):
        assert clerk.post(link).headers["Location"] == "/anmelden/passwort-vergessen"
    assert roles(shop) == ["retailer_clerk", "retailer_owner"]
    person = find_person(email)
    assert person
    assert person.name == "Emil | Ems"
    assert email in client.get("/desk/mitarbeit").text
    assert client.post(f"/desk/mitarbeit/{shop}/{person.id}/entfernen").status_code == 303
    assert roles(shop) == ["retailer_owner"]


def test_nobody_becomes_staff_behind_their_back(client: FlaskClient, app: Flask, context: Flask) -> None:
    shopper = f"{uuid4().hex}@example.org"
    link = link_for(shopper)
    assert app.test_client().post(link).status_code == 302
    shop = owner(client)
    client.post(f"/desk/mitarbeit/{shop}", data={"email": shopper, "role": "retailer_owner"})
    assert roles(shop) == ["retailer_owner"]
    assert app.test_client().get(invitation_of(shopper) + "x").status_code == 404
    assert app.test_client().get("/einladung/" + links.sign("sign-in", "a|b|c", timed=True)).status_code == 404


def test_wrong_addresses_and_higher_roles_are_refused(client: FlaskClient, context: Flask) -> None:
    shop = owner(client)
    for values in ({"email": "x", "role": "retailer_clerk"}, {"email": "a@example.org", "role": "operator"}):
        assert client.post(f"/desk/mitarbeit/{shop}", data=values).status_code == 422
    assert roles(shop) == ["retailer_owner"]


def test_nobody_removes_themselves_or_people_of_other_shops(client: FlaskClient, context: Flask) -> None:
    shop = owner(client)
    other = organisation_of(member("retailer_owner"))
    own = session.scalar(sa.select(Membership.person_id).where(Membership.organisation_id == shop))
    foreign = session.scalar(sa.select(Membership.person_id).where(Membership.organisation_id == other))
    assert client.post(f"/desk/mitarbeit/{shop}/{own}/entfernen").status_code == 409
    assert client.post(f"/desk/mitarbeit/{other}/{foreign}/entfernen").status_code == 403
    assert client.post(f"/desk/mitarbeit/{shop}/{foreign}/entfernen").status_code == 404
    assert client.post(f"/desk/mitarbeit/{other}", data={"email": "a@example.org"}).status_code == 403
    assert roles(other) == ["retailer_owner"]


def test_clerks_and_strangers_see_no_members(client: FlaskClient, context: Flask) -> None:
    assert client.get("/desk/mitarbeit").status_code == 302
    sign_in(client, member("retailer_clerk"))
    assert client.get("/desk/mitarbeit").status_code == 403


def test_the_office_is_for_operators_and_issuers(client: FlaskClient, app: Flask, context: Flask) -> None:
    sign_in(client, member("operator"))
    assert "Aufgaben, die warten" in client.get("/office").text
    assert "vouchers.issue" in client.get("/office/rechte").text
    assert "Zahlungen" in client.get("/office/zahlungen").text
    stranger = app.test_client()
    sign_in(stranger, member("retailer_owner"))
    assert stranger.get("/office").status_code == 403
    assert stranger.get("/office/zahlungen").status_code == 403
    assert app.test_client().get("/office").status_code == 302
