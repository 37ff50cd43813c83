"""The installed wallet: what the telephone is given, what it may keep, and that nothing is left after signing out."""

import json
import re
from pathlib import Path

import pyotp
from flask import Flask
from flask.testing import FlaskClient

from foundation import clock
from foundation.database import session
from people.models import Outlet
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.database.wallet.test_claiming import redeem
from tests.web.wallet.test_wallet import sign_in

STATIC = Path(__file__).resolve().parents[3] / "static"


def test_the_manifest_names_start_scope_and_icons_that_exist() -> None:
    manifest = json.loads((STATIC / "vouchers/wallet/wallet.webmanifest").read_text("utf-8"))
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/geldboerse",
        "/geldboerse",
        "standalone",
    )
    for icon in manifest["icons"]:
        assert (STATIC.parent / icon["src"].lstrip("/")).is_file()
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}


def test_the_worker_rules_the_wallet_only_and_the_policy_allows_it(client: FlaskClient) -> None:
    answer = client.get("/geldboerse/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/geldboerse"
    assert answer.headers["Cache-Control"] == "no-store"
    assert re.match(r'const VERSION = "[0-9a-f]{12}";\nconst LANGUAGE = "de";\n', answer.text)
    assert "worker-src 'self'" in client.get("/g").headers["Content-Security-Policy"]


def test_the_page_for_no_network_holds_nobodys_data(client: FlaskClient, context: Flask) -> None:
    owner, _shop, programme, _given, _item_id = wallets.wallet()
    sign_in(client, owner)
    page = client.get("/geldboerse/ohne-netz?sprache=de").text
    for word in (owner.email, owner.name, programme.name):
        assert word not in page
    parts = re.findall(r'(?:href|src)="(/static/[^"#]+)', page)
    assert len(parts) > 10
    for part in set(parts):
        assert (STATIC.parent / part.split("?")[0].lstrip("/")).is_file(), part


def test_the_state_has_balances_shops_and_no_secret(client: FlaskClient, context: Flask) -> None:
    owner, shop, programme, given, _item_id = wallets.wallet(73_00)
    sign_in(client, owner)
    answer = client.get("/geldboerse/stand.json")
    assert answer.headers["Cache-Control"] == "no-store"
    state = answer.get_json()
    assert [(i["programme"], i["cents"], i["state"]) for i in state["items"]] == [(programme.name, 73_00, "active")]
    assert session.get_one(Outlet, shop.outlet_id).name in {s["name"] for s in state["lists"][0]["shops"]}
    assert "totp" not in answer.text
    assert given.token not in answer.text
    assert owner.email not in answer.text


def test_a_device_that_was_given_the_secrets_pays_and_never_sees_the_token(client: FlaskClient, context: Flask) -> None:
    owner, shop, _programme, given, _item_id = wallets.wallet()
    sign_in(client, owner)
    assert client.get("/geldboerse/geraet").status_code == 405
    answer = client.post("/geldboerse/geraet")
    assert answer.headers["Cache-Control"] == "no-store"
    told = answer.get_json()
    [secret] = told["secrets"]
    otp = pyotp.TOTP(secret["totp"], digits=told["digits"], interval=told["step"])
    assert redeem(f"ML2.{secret['handle']}.{otp.at(clock.now())}", shop) == "done"
    assert "ML1." not in answer.text
    assert given.token not in answer.text


def test_two_persons_are_two_owners_and_one_stays_the_same(client: FlaskClient, app: Flask, context: Flask) -> None:
    owners = []
    for _nth in range(2):
        visitor = app.test_client()
        owner, *_rest = wallets.wallet()
        sign_in(visitor, owner)
        owners.append([visitor.get("/geldboerse/stand.json").get_json()["owner"] for _time in range(2)])
        assert owners[-1][0] in visitor.get("/geldboerse").text
    assert owners[0][0] == owners[0][1] != owners[1][0]


def test_signing_out_clears_the_device(client: FlaskClient, context: Flask) -> None:
    sign_in(client, wallets.person())
    assert "Clear-Site-Data" not in client.get("/geldboerse").headers
    answer = client.post("/abmelden")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_the_finder_filters_by_address(client: FlaskClient, context: Flask) -> None:
    programme, shop, _given = build.scene()
    outlet = session.get_one(Outlet, shop.outlet_id)
    address = f"/geldboerse/geschaefte/{programme.slug}"
    assert outlet.name in client.get(address).text
    assert outlet.name in client.get(f"{address}?ort={outlet.ags}&gewerbe={outlet.trade}").text
    for nothing in ("ort=05515000", "gewerbe=tee", "stufenlos=1"):
        assert "Hier ist gerade kein Geschäft dabei" in client.get(f"{address}?{nothing}").text
    assert client.get("/geldboerse/geschaefte/gibt-es-nicht").status_code == 404
