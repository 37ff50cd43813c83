"""Signing in: by link, by password, with a code generator; guards and throttling."""

import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP

from foundation import clock, links
from foundation.database import session, transact
from foundation.errors import NotAllowed, NotFound
from foundation.models import OutgoingMail
from foundation.security import keyed_hash, limiter
from people import persons
from people.models import Organisation, Person
from people.permissions import FRESH_PERMISSIONS, ROLES, is_allowed
from people.queries import find_person
from people.web import guards
from people.web.security import password_hash
from tests.conftest import module

PASSWORD = "ein langer Satz im Grünen"


def address() -> str:
    return f"{uuid4().hex}@example.org"


def member(role: str) -> str:
    """A person with a password and a role in an organisation of their own; gives the address."""
    email = address()

    def make() -> None:
        organisation = Organisation(
            slug=uuid4().hex,
            name="Probe",
            legal_name="Probe GmbH",
            kind="retailer",
            street="Weg 1",
            postcode="48653",
            town="Coesfeld",
            email=email,
            phone="02541 1",
        )
        session.add(organisation)
        person = persons.create(email=email, password_hash=password_hash(PASSWORD), confirmed=True)
        persons.join(person.id, organisation.id, role)

    transact(make)
    return email


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> int:
    return client.post("/anmelden", data={"email": email, "password": password}).status_code


def mails_to(email: str) -> list[str]:
    query = sa.select(OutgoingMail.template).where(OutgoingMail.recipient_hash == keyed_hash("mail", email))
    return list(session.scalars(query))


def link_for(email: str, back: str = "/konto") -> str:
    token = links.sign("sign-in", f"{clock.now().timestamp()}|{back}|{email}", timed=True)
    return f"/anmelden/link/{token}"


def test_the_sign_in_page_offers_link_password_and_passkey(client: FlaskClient) -> None:
    page = client.get("/anmelden").text
    for words in ("Mit einem Link per E-Mail", "Mit Passwort", "Mit einem Passkey"):
        assert words in page


def test_a_link_is_mailed_and_the_answer_tells_nothing(client: FlaskClient, context: Flask) -> None:
    known, unknown = member("retailer_owner"), address()
    pages = [client.post("/anmelden/link", data={"email": e}).text.replace(e, "") for e in (known, unknown)]
    assert "unterwegs" in pages[0]
    assert re.sub(r'content="[^"]*"|value="[^"]*"', "", pages[0]) == re.sub(
        r'content="[^"]*"|value="[^"]*"', "", pages[1]
    )
    assert mails_to(unknown) == ["people/sign_in_link"]
    assert mails_to(known) == ["people/staff_link"]


def test_a_wrong_address_is_named_and_nothing_is_sent(client: FlaskClient, context: Flask) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(OutgoingMail))
    answer = client.post("/anmelden/link", data={"email": "anna@"})
    assert answer.status_code == 422
    assert "Bitte prüfen Sie die E-Mail-Adresse." in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(OutgoingMail)) == before


def test_a_link_signs_in_once(client: FlaskClient, app: Flask, context: Flask) -> None:
    email = address()
    link = link_for(email)
    assert email in client.get(link).text
    assert find_person(email) is None
    assert client.post(link).headers["Location"] == "/konto"
    assert client.get("/konto").status_code == 200
    again = app.test_client()
    assert again.post(link).status_code == 404
    assert again.get("/konto").status_code == 302


def test_a_link_never_signs_staff_in(client: FlaskClient, context: Flask) -> None:
    email = member("auditor")
    assert client.post(link_for(email)).status_code == 404
    assert client.get("/konto").status_code == 302


def test_an_old_changed_or_foreign_link_is_refused(client: FlaskClient, context: Flask) -> None:
    link = link_for(address())
    assert client.get(link + "x").status_code == 404
    assert client.get("/anmelden/link/" + links.sign("order", "1|/|a@b.de", timed=True)).status_code == 404
    elsewhere = link_for(address(), "https://evil.example/")
    assert client.post(elsewhere).headers["Location"] == "/konto"


def test_a_password_signs_in_and_a_wrong_one_does_not(client: FlaskClient, context: Flask) -> None:
    email = member("retailer_owner")
    assert sign_in(client, email, "falsch") == 200
    assert client.get("/konto").status_code == 302
    assert sign_in(client, email) == 302
    assert client.get("/konto").status_code == 200
    client.post("/abmelden")
    assert client.get("/konto").status_code == 302


def test_passwords_are_stored_at_the_price_of_argon2id_that_rfc_9106_asks_for() -> None:
    """The suite's own application pays less (tests/conftest.py); the one that is served does not."""
    made = module("wsgi").create_app()
    stored = made.extensions["security"].pwd_context.hash("ein langes Passwort")
    assert re.match(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$", stored)


def test_signing_out_needs_a_post(client: FlaskClient, context: Flask) -> None:
    sign_in(client, member("retailer_owner"))
    client.get("/abmelden")
    assert client.get("/konto").status_code == 200


def test_a_code_generator_is_set_up_and_asked_for(client: FlaskClient, app: Flask, context: Flask) -> None:
    email = member("retailer_owner")
    sign_in(client, email)
    page = client.post("/konto/zweiter-faktor", data={"setup": "authenticator"}).text
    key = re.search(r'class="code-inline">([A-Z2-7 -]+)<', page)
    action = re.search(r'action="(/konto/zweiter-faktor/[^"]+|/anmelden/code)"', page)
    assert key
    assert action
    generator = TOTP(key=key.group(1).replace(" ", "").replace("-", ""))
    assert client.post(action.group(1), data={"code": generator.generate().token}).status_code == 302
    session.expire_all()
    person = find_person(email)
    assert person
    assert person.has_second_factor
    fresh = app.test_client()
    answer = fresh.post("/anmelden", data={"email": email, "password": PASSWORD}, follow_redirects=True)
    assert "Code eingeben" in answer.text
    assert fresh.get("/konto").status_code == 302
    fresh.post("/anmelden/code", data={"code": "000000"})
    assert fresh.get("/konto").status_code == 302


def test_many_wrong_passwords_are_throttled(client: FlaskClient, context: Flask) -> None:
    email = member("retailer_owner")
    limiter.enabled = True
    try:
        seen = [sign_in(client, email, "falsch") for _ in range(8)]
    finally:
        limiter.reset()
        limiter.enabled = False
    assert seen[:6] == [200] * 6
    assert seen[6:] == [429, 429]


def test_a_name_is_changed_and_a_long_one_refused(client: FlaskClient, context: Flask) -> None:
    email = member("retailer_owner")
    sign_in(client, email)
    client.post("/konto/name", data={"name": "Anna Ahlers"})
    client.post("/konto/name", data={"name": "x" * 121})
    session.expire_all()
    assert session.scalar(sa.select(Person.name).where(Person.email == email)) == "Anna Ahlers"


def test_forms_without_their_token_are_refused(app: Flask) -> None:
    plain = app.test_client()
    answer = FlaskClient.open(plain, "/anmelden/link", method="POST", data={"email": "a@b.de"})
    assert answer.status_code == 400
    assert "zu lange offen" in answer.text


@pytest.mark.parametrize("path", ["/konto", "/konto/sicherheit"])
def test_the_account_asks_to_sign_in_first(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/anmelden?next=")


@pytest.mark.parametrize("path", ["/konto/passkeys", "/konto/notfallcodes", "/konto/passwort", "/konto/zweiter-faktor"])
def test_security_pages_open_for_who_is_signed_in(client: FlaskClient, context: Flask, path: str) -> None:
    sign_in(client, member("retailer_owner"))
    assert client.get(path).status_code == 200


def test_the_table_of_permissions_is_what_we_think() -> None:
    assert is_allowed({"auditor"}, "audit.see")
    assert not is_allowed({"auditor"}, "vouchers.issue")
    assert not is_allowed({"retailer_clerk"}, "tills.manage")
    assert not is_allowed(set(), "account.see")
    assert frozenset().union(*ROLES.values()) >= FRESH_PERMISSIONS


def test_the_link_expires_after_twenty_minutes(client: FlaskClient, context: Flask) -> None:
    token = links.sign("sign-in", f"{clock.now().timestamp()}|/konto|{address()}", timed=True)
    with pytest.raises(NotFound):
        links.unsign("sign-in", token, -1)


def test_staff_without_second_factor_is_sent_to_set_one_up(
    client: FlaskClient, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Strict:
        staff_second_factor = True

    monkeypatch.setattr(guards, "settings", lambda: Strict)
    monkeypatch.setattr(
        guards, "current_person", lambda: session.scalar(sa.select(Person).where(Person.email == email))
    )
    email = member("retailer_owner")
    with pytest.raises(NotAllowed) as refused:
        guards.requires("desk.see")()
    assert refused.value.code == "second_factor_missing"
