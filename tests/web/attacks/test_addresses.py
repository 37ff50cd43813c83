"""Where we send people: never to a host that a stranger chose."""

from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import session
from foundation.models import OutgoingMail
from foundation.security import decrypt, keyed_hash
from tests.web.test_sign_in import PASSWORD, address, link_for, member

ELSEWHERE = (
    *("https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "///evil.example"),
    *("/\t/evil.example", "/\n/evil.example", "\t//evil.example", "/%09/evil.example", "http:evil.example"),
    *("javascript:alert(1)", "/\x00/evil.example", "/./\\evil.example", " //evil.example", "https:/evil.example"),
)


def leads_away(location: str) -> bool:
    """As browsers read it: tabs and line ends are dropped, backslashes are slashes."""
    read = location.strip("\x00\x20").translate({9: None, 10: None, 13: None}).replace("\\", "/")
    return (
        read.startswith("//")
        or urlsplit(read).scheme not in {"", "http"}
        or urlsplit(read).netloc not in {"", "localhost"}
    )


@pytest.mark.parametrize("place", ELSEWHERE)
def test_nobody_is_led_away_after_signing_in_or_choosing_a_language(
    client: FlaskClient, context: Flask, place: str
) -> None:
    answers = [
        client.get("/sprache/en", query_string={"zurueck": place}),
        client.post("/anmelden/link/" + link_for(address(), place).rpartition("/")[2]),
        client.post(
            "/anmelden",
            query_string={"next": place},
            data={"email": member("retailer_owner"), "password": PASSWORD, "next": place},
        ),
    ]
    for answer in answers:
        assert answer.status_code in {302, 303}, answer.status
        assert not leads_away(answer.headers["Location"]), answer.headers["Location"]


def test_a_reset_link_leads_to_us_whatever_host_the_request_named(
    client: FlaskClient, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"):  # the attacker has a session of their own
        monkeypatch.setitem(client.application.config, name, False)
    email = member("retailer_owner")
    answer = client.post("/anmelden/passwort-vergessen", data={"email": email}, headers={"Host": "evil.example"})
    assert answer.status_code in {200, 302}
    query = sa.select(OutgoingMail.message).where(OutgoingMail.recipient_hash == keyed_hash("mail", email))
    letters = [decrypt(box).decode() for box in session.scalars(query) if box]
    assert len(letters) == 1
    assert "evil.example" not in letters[0]
    assert "http://localhost:8000/anmelden/passwort-vergessen/" in letters[0].replace("=\r\n", "")
