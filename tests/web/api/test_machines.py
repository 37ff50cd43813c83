"""The interface for tills carries nothing of browsers. Decision 0013."""

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from flask_principal import Principal

from foundation.machines import House
from tests.builders import vouchers as build
from tests.web.api.calls import post, refused


def test_a_call_meets_no_hook_of_browsers(app: Flask) -> None:
    assert isinstance(app, House)
    assert app.machines == ("/api/v1/",)
    for blueprint in ("api", "api_public", None):
        hooks = (*app.hooks_before(blueprint), *app.hooks_after(blueprint))
        modules = {getattr(hook, "func", hook).__module__.split(".")[0] for hook in hooks}
        assert modules <= {"foundation", "vouchers", "flask_limiter"}
    everywhere = {hook.__module__.split(".")[0] for hook in app.before_request_funcs[None]}
    assert {"flask_wtf", "flask_principal"} <= everywhere  # and browsers meet them


def test_a_call_asks_for_no_identity_and_sets_no_cookie(
    context: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    _programme, shop, voucher = build.scene(100_00)
    monkeypatch.setattr(Principal, "set_identity", lambda *_all: pytest.fail("asked for an identity"))
    client.set_cookie("session", "anything")
    said = post(client, shop.token, "/redemptions", {"token": voucher.token, "amount_cents": 1})
    assert said.status_code == 201
    assert "Set-Cookie" not in said.headers
    assert "Cookie" not in said.headers.get("Vary", "")
    assert said.headers["X-Content-Type-Options"] == "nosniff"
    assert said.headers["Cache-Control"] == "no-store"
    assert said.headers["X-Request-ID"]
    refused(client.get("/api/v1/nothing"), 404, "http_404")


def test_a_session_opened_there_cannot_be_written(app: Flask) -> None:
    with app.test_request_context("/api/v1/ping"), pytest.raises(RuntimeError):
        session["who"] = "me"
    with app.test_request_context("/hilfe"):
        session["who"] = "me"
