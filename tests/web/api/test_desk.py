"""The retailer's desk for cash systems: tokens with scopes, practice keys, servers to tell, the export."""

import csv
import html
import io
import re
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.clock import today
from foundation.database import session
from money.ledger import sealing
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders.listener import listening
from tests.web.api.calls import get, post, refused
from tests.web.vouchers.test_till import owner
from vouchers.network import programmes
from vouchers.partners import collecting, sending
from vouchers.partners.models import WebhookDelivery, WebhookEndpoint
from vouchers.practice.models import PracticeToken
from vouchers.tills import devices, tokens

DESK = "/desk/kassensysteme"
HOOKS = f"{DESK}/meldungen"


def shown(page: TestResponse, field: str) -> str:
    """What a page shows once."""
    assert page.status_code == 200, page.text[:500]
    found = re.search(rf'id="{field}"\s+readonly\s+value="([^"]+)"', page.text)
    assert found
    return html.unescape(found.group(1))


def accepted(place: Outlet) -> object:
    """A voucher that the shop accepts."""
    programme = build.programme()
    programmes.accept(programme.id, place.id)
    made = build.voucher(programme.id)
    session.commit()
    return made


def test_a_token_gets_the_scopes_that_were_chosen(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    voucher = accepted(place)
    wish = {"outlet": str(place.id), "till": "neu", "name": "Kasse Ost", "scopes": ["look", "report"]}
    token = shown(client.post(DESK, data=wish), "bearer")
    machine = app.test_client()
    assert get(machine, token, "/vouchers/lookup", **{"Voucher-Token": voucher.token}).status_code == 200  # type: ignore[attr-defined]
    refused(post(machine, token, "/redemptions", {"token": voucher.token, "amount_cents": 1}), 403, "scope_missing")  # type: ignore[attr-defined]
    [till] = devices.list_tills(place.id)
    again = {"outlet": str(place.id), "till": str(till.id), "name": "Zweiter", "scopes": ["redeem"]}
    second = shown(client.post(DESK, data=again), "bearer")
    assert post(machine, second, "/redemptions", {"token": voucher.token, "amount_cents": 1}).status_code == 201  # type: ignore[attr-defined]
    page = client.get(DESK).text
    assert "Kasse Ost" in page
    assert "Zweiter" in page
    assert token not in page
    assert len(devices.list_tills(place.id)) == 1


def test_a_new_register_with_few_scopes_leaves_no_token_with_all(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    wish = {"outlet": str(place.id), "till": "neu", "name": "Kasse", "scopes": ["look"]}
    shown(client.post(DESK, data=wish), "bearer")
    [till] = devices.list_tills(place.id)
    alive = [token.scopes for token in tokens.list_tokens(till.id) if token.revoked_at is None]
    assert alive == [["look"]]


@pytest.mark.parametrize(
    "change",
    [{"scopes": []}, {"scopes": ["alles"]}, {"name": ""}, {"name": "x" * 41}, {"till": str(uuid4())}, {"outlet": "x"}],
)
def test_wrong_wishes_are_refused_in_words(context: Flask, client: FlaskClient, change: dict[str, object]) -> None:
    place = owner(client)
    wish = {"outlet": str(place.id), "till": "neu", "name": "Kasse", "scopes": ["look"]} | change
    page = client.post(DESK, data=wish)
    assert page.status_code == 422
    assert devices.list_tills(place.id) == []


def test_a_practice_key_works_until_it_is_revoked(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    key = shown(client.post(f"{DESK}/uebung", data={"outlet": str(place.id), "name": "Hersteller"}), "bearer")
    assert key.startswith("mlt_")
    machine = app.test_client()
    assert get(machine, key, f"/reports/{today()}").get_json()["practice"] is True
    assert "Hersteller" in client.get(DESK).text
    made = session.scalars(sa.select(PracticeToken).where(PracticeToken.outlet_id == place.id)).one()
    assert client.post(f"{DESK}/uebung/{made.id}/sperren").status_code == 303
    refused(get(machine, key, f"/reports/{today()}"), 401, "till_unknown")
    for name in ("", " ", "x" * 41):
        assert client.post(f"{DESK}/uebung", data={"outlet": str(place.id), "name": name}).status_code == 422


def test_a_server_is_entered_tested_told_paused_and_removed(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    voucher = accepted(place)
    till = build.till(place.id)
    session.commit()
    with listening() as listener:
        form = {"outlet": str(place.id), "url": listener.url, "events": ["redemption.created"]}
        secret = shown(client.post(HOOKS, data=form), "secret")
        assert secret.startswith("whsec_")
        endpoint = session.scalars(sa.select(WebhookEndpoint).where(WebhookEndpoint.outlet_id == place.id)).one()
        here = f"{HOOKS}/{endpoint.id}"
        assert client.post(f"{here}/test").status_code == 303
        sending.send(str(endpoint.id))
        assert '"type":"test"' in listener.heard[0][1]
        assert "angekommen" in client.get(here).text
        post(app.test_client(), till.token, "/redemptions", {"token": voucher.token, "amount_cents": 7_00})  # type: ignore[attr-defined]
        client.post(f"{here}/pause")
        session.rollback()
        sealing.seal_all()
        collecting.collect()
        sending.send(str(endpoint.id))
        assert len(listener.heard) == 1
        assert "wartet" in client.get(here).text
        client.post(f"{here}/weiter")
        listener.answers = [500]
        sending.send(str(endpoint.id))
        session.rollback()
        [told] = session.scalars(
            sa.select(WebhookDelivery)
            .where(WebhookDelivery.endpoint_id == endpoint.id, WebhookDelivery.state == "waiting")
            .execution_options(populate_existing=True)
        ).unique()
        detail = client.get(f"{here}/{told.id}").text
        assert "500" in detail
        assert "&#34;amount_cents&#34;:700" in detail
        assert client.post(f"{here}/{told.id}/noch-einmal").status_code == 303
        sending.send(str(endpoint.id))
        assert '"amount_cents":700' in listener.heard[-1][1]
        new = shown(client.post(f"{here}/geheimnis"), "secret")
        assert new != secret
        assert secret not in client.get(here).text
        assert client.post(f"{here}/entfernen").status_code == 303
        assert client.get(here).status_code == 404


def test_wrong_addresses_are_refused_in_words(context: Flask, client: FlaskClient) -> None:
    place = owner(client)
    for url in ("", "kasse", "http://example.org/", "https://10.0.0.1/", "ftp://x.example.org/"):
        form = {"outlet": str(place.id), "url": url, "events": ["redemption.created"]}
        page = client.post(HOOKS, data=form)
        assert page.status_code == 422
        assert "https://" in page.text
    form = {"outlet": str(place.id), "url": "https://kasse.example.org/", "events": ["alles"]}
    assert client.post(HOOKS, data=form).status_code == 422


def test_nobody_reaches_another_shops_servers_and_keys(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    client.post(HOOKS, data={"outlet": str(place.id), "url": "https://a.example.org/", "events": ["hold.created"]})
    client.post(f"{DESK}/uebung", data={"outlet": str(place.id), "name": "Hersteller"})
    endpoint = session.scalars(sa.select(WebhookEndpoint).where(WebhookEndpoint.outlet_id == place.id)).one()
    key = session.scalars(sa.select(PracticeToken).where(PracticeToken.outlet_id == place.id)).one()
    client.post(f"{HOOKS}/{endpoint.id}/test")
    delivery = session.scalars(sa.select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == endpoint.id)).one()
    thief = app.test_client()
    own = owner(thief)
    here = f"{HOOKS}/{endpoint.id}"
    assert thief.get(here).status_code == thief.get(f"{here}/{delivery}").status_code == 404
    for path in ("geheimnis", "test", "pause", "weiter", "entfernen", f"{delivery}/noch-einmal"):
        assert thief.post(f"{here}/{path}").status_code == 404, path
    assert thief.post(f"{DESK}/uebung/{key.id}/sperren").status_code == 404
    for path, form in (
        (DESK, {"till": "neu", "name": "x", "scopes": "look"}),
        (f"{DESK}/uebung", {"name": "x"}),
        (HOOKS, {"url": "https://b.example.org/", "events": "hold.created"}),
    ):
        assert thief.post(path, data=form | {"outlet": str(place.id)}).status_code == 403, path
    assert thief.get(f"{DESK}/dsfinvk?outlet={place.id}&von=2026-11-01&bis=2026-11-30").status_code == 403
    assert thief.get(f"{DESK}/dsfinvk?outlet={own.id}&von=2026-11-01&bis=2026-11-30").status_code == 200
    session.rollback()
    assert session.get_one(WebhookEndpoint, endpoint.id, populate_existing=True).active
    assert session.get_one(PracticeToken, key.id, populate_existing=True).revoked_at is None


def test_the_export_of_the_desk_is_that_of_the_interface(context: Flask, app: Flask, client: FlaskClient) -> None:
    place = owner(client)
    voucher, till = accepted(place), build.till(place.id, "Kasse 7")
    session.commit()
    post(app.test_client(), till.token, "/redemptions", {"token": voucher.token, "amount_cents": 12_34})  # type: ignore[attr-defined]
    period = f"outlet={place.id}&von={today()}&bis={today()}"
    answer = client.get(f"{DESK}/dsfinvk?{period}&art=payment")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=dsfinvk-payment-")
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""), delimiter=";")
    assert (row["BASISWAEH_BETRAG"], row["Z_KASSE_ID"], row["ZAHLART_TYP"]) == ("12,34", "Kasse 7", "Unbar")
    for wrong in ("von=x&bis=y", f"von={today()}", "von=2026-11-30&bis=2026-11-01", "von=2020-01-01&bis=2026-01-01"):
        assert client.get(f"{DESK}/dsfinvk?outlet={place.id}&{wrong}").status_code == 422
    assert client.get(f"{DESK}/dsfinvk?outlet=x&von={today()}&bis={today()}").status_code == 422
    assert client.get(f"{DESK}/dsfinvk?{period}&art=x").status_code == 422


def test_the_page_for_developers_shows_examples_and_guides(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    assert "class RegisterClient:" in page
    assert "curl --silent" in page
    for name in ("README.md", "webhooks.md", "dsfinvk.md", "changelog.md", "client.py", "redeem.sh"):
        assert f"/api/docs/{name}" in page
        guide = client.get(f"/api/docs/{name}")
        assert (guide.status_code, guide.content_type) == (200, "text/plain; charset=utf-8")
    assert client.get("/api/docs/../../pyproject.toml").status_code == 404
    assert client.get("/api/docs/pyproject.toml").status_code == 404
