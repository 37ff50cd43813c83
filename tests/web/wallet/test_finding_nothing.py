"""The balance page tells nothing to who guesses: the same status, the same page, the same work."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import autocommit_engine, db
from foundation.security import limiter
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from vouchers.stored_value import codes
from vouchers.stored_value.issuing import Issued

VARYING = re.compile(r'(content|value|nonce)="[^"]*"')


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the application sends meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement.split("\n")[0])

    engines = [db.engine, autocommit_engine()]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    yield sent
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)


def asked(client: FlaskClient, code: str, pin: str) -> tuple[int, str, list[str], set[str]]:
    """Status, page, statements and names of headers of a look-up."""
    with counted() as sent:
        answer = client.post("/g", data={"token": code, "pin": pin})
    return answer.status_code, VARYING.sub("", answer.text), list(sent), set(answer.headers.keys())


def wrong_pin(given: Issued) -> str:
    return "000000" if given.pin != "000000" else "111111"


def test_unknown_wrong_locked_foreign_and_nonsense_are_one_answer(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, given = build.scene()
    _other, _its_shop, locked = build.scene()
    for _nth in range(5):
        client.post("/g", data={"token": locked.code, "pin": wrong_pin(locked)})
    _owner, _till, _its, claimed, _item = wallets.wallet()
    tries = [
        (codes.make_code(), given.pin),
        (given.code, wrong_pin(given)),
        (given.code, ""),
        (locked.code, locked.pin),
        (claimed.code, claimed.pin),
        ("hallo", "1234"),
        ("", ""),
        ("ÄÖÜ" * 100, "x" * 20),
    ]
    answers = [asked(client, code, pin) for code, pin in tries]
    assert {a[0] for a in answers} == {404}
    assert len({a[1] for a in answers}) == 1
    assert len({tuple(a[2]) for a in answers}) == 1
    assert [len(a[2]) for a in answers] == [1] * len(tries)
    assert len({frozenset(a[3]) for a in answers}) == 1


def test_an_unknown_token_is_the_same_answer(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, given = build.scene()
    dead = given.token[:-1] + ("0" if given.token[-1] != "0" else "1")
    status, page, sent, _headers = asked(client, dead, "")
    assert (status, len(sent)) == (404, 1)
    assert page == asked(client, codes.make_code(), "123456")[1]


def test_the_right_pin_shows_the_balance(client: FlaskClient, context: Flask) -> None:
    programme, _shop, given = build.scene()
    answer = client.post("/g", data={"token": given.code, "pin": given.pin})
    assert answer.status_code == 200
    assert programme.name in answer.text


def test_unlocking_answers_the_same_whatever_the_code(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, given = build.scene()
    pages = {
        VARYING.sub("", client.post("/g/entsperren", data={"code": c}).text) for c in (given.code, "", "ZZ", "x" * 99)
    }
    assert len(pages) == 1


def test_misses_are_limited_per_address_and_hits_are_not(app: Flask, context: Flask) -> None:
    _programme, _shop, given = build.scene()
    limiter.enabled = True
    try:
        guesser, holder = app.test_client(), app.test_client()
        far, near = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "203.0.113.10"}
        found = [
            guesser.post("/g", data={"token": codes.make_code(), "pin": "123456"}, environ_base=far).status_code
            for _nth in range(7)
        ]
        assert found == [404] * 5 + [429] * 2
        seen = [holder.post("/g", data={"token": given.token}, environ_base=near).status_code for _nth in range(8)]
        assert seen == [200] * 8
    finally:
        limiter.enabled = False
