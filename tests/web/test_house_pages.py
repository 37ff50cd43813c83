"""What every answer carries, and the pages for those who run it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.config import from_environment, settings
from foundation.database import uuid7
from money.ledger import checks, sealing
from tests.builders.ledger import float_for

PUBLIC = ("/", "/suche?q=brot", "/laeden", "/gutscheine", "/g", "/warenkorb", "/anmelden", "/stil", "/hilfe", "/nichts")


def test_the_process_and_the_database_answer(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz").json
    assert ready
    assert ready["status"] == "ok"
    assert re.fullmatch(r"\d{4}_[a-z_]+", ready["schema"])


def test_figures_are_for_this_machine_or_a_token(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "http_requests_total" in client.get("/metrics").text
    assert client.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
    monkeypatch.setenv("METRICS_TOKEN", "geheim-geheim")
    settings.cache_clear()
    try:
        assert client.get("/metrics").status_code == 403
        assert client.get("/metrics", headers={"Authorization": "Bearer geheim-geheim"}).status_code == 200
    finally:
        monkeypatch.undo()
        settings.cache_clear()


def test_the_figures_say_how_and_up_to_where_the_books_were_checked(own_database: Flask) -> None:
    """A proof that went on from another, and the whole one before."""
    visitor = own_database.test_client()
    assert "books_checked_ok{" not in visitor.get("/metrics").text
    for whole in (True, False):
        checks.check_proof(whole=whole)
        checks.check_chain(whole=whole)
    float_for(uuid7(), 5_00)
    sealing.seal_all()
    assert checks.check_proof(whole=False).findings == []
    lines = [line for line in visitor.get("/metrics").text.splitlines() if line.startswith("books_")]
    assert 'books_checked_ok{check="proof",extent="latest"} 1.0' in lines
    assert 'books_checked_seals{check="proof",extent="latest"} 1.0' in lines
    assert 'books_checked_seals{check="proof",extent="whole"} 0.0' in lines
    at = {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if line.startswith("books_checked_timestamp")}
    for check in ("proof", "chain"):
        name = f'books_checked_timestamp_seconds{{check="{check}",extent='
        assert at[f'{name}"whole"}}'] < at[f'{name}"latest"}}']


@pytest.mark.parametrize("path", PUBLIC)
def test_every_page_is_safe_by_default(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'")
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert re.fullmatch(r"[A-Za-z0-9-]{8,64}", headers["X-Request-ID"])


def test_the_camera_is_for_scanning_pages_only(client: FlaskClient) -> None:
    assert "camera=()" in client.get("/").headers["Permissions-Policy"]
    assert "camera=(self)" in client.get("/g").headers["Permissions-Policy"]


def test_a_request_id_that_came_along_is_kept_and_a_strange_one_is_not(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abc-123-def"}).headers["X-Request-ID"] == "abc-123-def"
    assert client.get("/healthz", headers={"X-Request-ID": 'a"b\\n' * 9}).headers["X-Request-ID"] != 'a"b\\n' * 9


def test_people_get_a_page_and_machines_a_problem(client: FlaskClient) -> None:
    page = client.get("/nichts")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Diese Seite gibt es nicht" in page.text
    problem = client.get("/nichts", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
    assert problem.json
    assert problem.json["code"] == "http_404"


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    answer = client.post("/anmelden/link", data={"email": "a" * (3 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "höchstens 2 Megabyte" in answer.text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_language_switch_leads_nowhere_else(client: FlaskClient, back: str) -> None:
    assert client.get("/sprache/en", query_string={"zurueck": back}).headers["Location"] == "/"


def test_the_language_is_remembered_and_an_unknown_one_is_not(client: FlaskClient) -> None:
    client.get("/sprache/en?zurueck=/anmelden")
    assert '<html lang="en"' in client.get("/anmelden").text
    client.get("/sprache/xx")
    assert '<html lang="en"' in client.get("/anmelden").text


def test_without_its_secrets_it_does_not_start() -> None:
    with pytest.raises(SystemExit) as refused:
        from_environment({"SECRET_KEY": "x" * 40})
    assert "CODE_PEPPER" in str(refused.value)
    with pytest.raises(SystemExit):
        from_environment({"SECRET_KEY": "short", "CODE_PEPPER": "y" * 40, "DATABASE_URL": "postgresql://x"})


def test_cookies_are_kept_from_scripts_and_other_sites(app: Flask) -> None:
    assert app.config["SESSION_COOKIE_HTTPONLY"] is True
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert from_environment({"SECRET_KEY": "x" * 40, "CODE_PEPPER": "y" * 40, "DATABASE_URL": "z"}).secure_cookies


def test_a_crash_says_so_without_telling_why(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("geheimes Innenleben")

    monkeypatch.setitem(client.application.view_functions, "house.report_alive", broken)
    answer = client.get("/healthz")
    assert answer.status_code == 500
    assert "geheimes Innenleben" not in answer.text
    assert "Es wurde nichts geändert" in answer.text
