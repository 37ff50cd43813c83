"""Wallet passes: signed so that others can check it, only for who shows the token, never where nothing is set up."""

import hashlib
import io
import json
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.config import settings
from foundation.database import session
from tests.builders import passes as build_passes
from tests.builders import vouchers as build
from vouchers.passes import apple, google
from vouchers.purchases.links import build_voucher_url
from vouchers.stored_value import access
from vouchers.stored_value.issuing import Issued
from vouchers.stored_value.models import Programme

HOSTILE = 'Gut"schein\\ </script> {{7*7}} \u202e\x07 ' + "ö" * 60 + " 🎁"
Configure = Callable[..., build_passes.Papers]


@pytest.fixture
def configure(context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set up what is needed for passes, or something else."""

    def act(change: dict[str, str] | None = None, **values: object) -> build_passes.Papers:
        made = build_passes.papers(tmp_path, **values)  # type: ignore[arg-type]
        chosen = replace(settings(), **(made.settings | (change or {})))
        for module in (apple, google):
            monkeypatch.setattr(module, "settings", lambda: chosen)
            module._read_signer.cache_clear()
        return made

    yield act
    for module in (apple, google):
        module._read_signer.cache_clear()


def voucher(name: str = "") -> tuple[Programme, Issued]:
    programme = build.programme()
    if name:
        programme.name, programme.issuer.legal_name = name, name
    made = build.voucher(programme.id, 50_00)
    session.commit()
    return programme, made


def packed(client: FlaskClient, token: str) -> dict[str, bytes]:
    answer = client.post("/g/karte/apple", data={"token": token})
    assert (answer.status_code, answer.mimetype) == (200, "application/vnd.apple.pkpass"), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as found:
        return {name: found.read(name) for name in found.namelist()}


def verified(files: dict[str, bytes], papers: build_passes.Papers) -> bool:
    """What openssl says of the signature."""
    (papers.folder / "manifest").write_bytes(files["manifest.json"])
    (papers.folder / "signature").write_bytes(files["signature"])
    words = ["openssl", "smime", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "manifest"]
    words += ["-CAfile", str(papers.root), "-purpose", "any", "-out", "checked"]
    return subprocess.run(words, cwd=papers.folder, capture_output=True).returncode == 0


def test_nothing_is_offered_where_nothing_is_set_up(context: Flask, client: FlaskClient) -> None:
    _programme, made = voucher()
    page = client.post("/g", data={"token": made.token})
    assert (page.status_code, "Apple" in page.text, "Google" in page.text) == (200, False, False)
    for wallet in ("apple", "google"):
        assert client.post(f"/g/karte/{wallet}", data={"token": made.token}).status_code == 409


def test_both_are_offered_to_who_shows_the_token_only(configure: Configure, client: FlaskClient) -> None:
    configure()
    _programme, made = voucher()
    page = client.post("/g", data={"token": build_voucher_url(made.token)})
    assert ("In Apple Wallet legen" in page.text, "In Google Wallet sichern" in page.text) == (True, True)
    typed = client.post("/g", data={"token": made.code, "pin": made.pin})
    assert (typed.status_code, "Apple Wallet" in typed.text) == (200, False)
    for wallet in ("apple", "google"):
        for given in ("", made.code, f"{made.code} {made.pin}", "ML1." + "0" * 26, "x" * 5000):
            assert client.post(f"/g/karte/{wallet}", data={"token": given}).status_code == 404


def test_the_pass_is_signed_and_every_hash_is_true(configure: Configure, client: FlaskClient) -> None:
    papers = configure()
    programme, made = voucher()
    files = packed(client, made.token)
    manifest = json.loads(files["manifest.json"])
    assert manifest == {
        name: hashlib.sha1(data, usedforsecurity=False).hexdigest()
        for name, data in files.items()
        if name not in {"manifest.json", "signature"}
    }
    assert {
        "pass.json",
        "icon.png",
        "logo.png",
        "strip@2x.png",
        "de.lproj/pass.strings",
        "en.lproj/pass.strings",
    } <= set(manifest)
    assert verified(files, papers)
    assert not verified(files | {"manifest.json": files["manifest.json"] + b" "}, papers)
    said = json.loads(files["pass.json"])
    assert (said["passTypeIdentifier"], said["teamIdentifier"]) == (build_passes.PASS_TYPE, build_passes.TEAM)
    assert said["barcodes"][0]["message"] == build_voucher_url(made.token)
    assert said["logoText"] == programme.name
    assert said["serialNumber"] == str(made.voucher_id)


def test_a_pass_carries_no_balance_no_code_and_no_pin(configure: Configure, client: FlaskClient) -> None:
    configure()
    _programme, made = voucher()
    files = packed(client, made.token)
    text = files["pass.json"].decode() + "".join(
        data.decode("utf-16") for name, data in files.items() if name.endswith(".strings")
    )
    for secret in ("50,00", "50.00", "5000", made.code, made.code.replace("-", ""), made.pin):
        assert secret not in text.replace(made.token, "")
    assert "Guthaben und Verlauf" in files["de.lproj/pass.strings"].decode("utf-16")


def test_every_text_of_the_pass_stands_in_every_language(configure: Configure, client: FlaskClient) -> None:
    configure()
    _programme, made = voucher()
    files = packed(client, made.token)
    keys = [
        set(re.findall(r'^"(\w+)" = ', files[f"{language}.lproj/pass.strings"].decode("utf-16"), re.MULTILINE))
        for language in ("de", "en")
    ]
    said = json.loads(files["pass.json"])["storeCard"]
    labels = {field["label"] for part in said.values() for field in part}
    assert keys[0] == keys[1]
    assert labels <= keys[0]


def test_hostile_names_break_neither_pass_nor_link(configure: Configure, client: FlaskClient) -> None:
    papers = configure()
    _programme, made = voucher(HOSTILE)
    files = packed(client, made.token)
    assert json.loads(files["pass.json"])["logoText"] == HOSTILE
    for language in ("de", "en"):
        lines = files[f"{language}.lproj/pass.strings"].decode("utf-16").strip().split("\n")
        assert all(re.fullmatch(r'"\w+" = "(?:[^"\\]|\\.)*";', line) for line in lines)
    page = client.post("/g/karte/google", data={"token": made.token})
    assert (page.status_code, "</script> {{7*7}}" in page.text, "49" in page.text.split("<main")[1][:300]) == (
        200,
        False,
        False,
    )
    claims = said_to_google(page.text, papers)
    assert claims["payload"]["giftCardClasses"][0]["merchantName"] == HOSTILE[:20]


def said_to_google(page: str, papers: build_passes.Papers) -> dict[str, dict[str, list[dict[str, object]]]]:
    link = re.search(r'href="(https://pay\.google\.com/gp/v/save/[\w.-]+)"', page)
    assert link
    assert len(link[1]) < 2000  # browsers and mail programs cut longer ones
    token = link[1].rsplit("/", 1)[1]
    claims: dict[str, dict[str, list[dict[str, object]]]] = jwt.decode(
        token, papers.google_key, algorithms=["RS256"], audience="google"
    )
    return claims


def test_the_link_for_google_is_signed_and_says_what_google_needs(configure: Configure, client: FlaskClient) -> None:
    papers = configure()
    programme, made = voucher()
    page = client.post("/g/karte/google", data={"token": made.token})
    assert page.headers["Cache-Control"] == "no-store"
    claims = said_to_google(page.text, papers)
    assert (claims["iss"], claims["typ"]) == ("wallet@example.iam", "savetowallet")
    card = claims["payload"]["giftCardObjects"][0]
    assert card["id"] == f"{build_passes.ISSUER}.{made.voucher_id}"
    assert card["classId"] == claims["payload"]["giftCardClasses"][0]["id"] == f"{build_passes.ISSUER}.{programme.slug}"
    assert card["barcode"]["value"] == build_voucher_url(made.token)  # type: ignore[index]
    assert "balance" not in card
    stranger = build_passes.key().public_key()
    with pytest.raises(jwt.InvalidSignatureError):
        said_to_google(page.text, replace(papers, google_key=stranger))


def test_a_dead_voucher_gets_no_pass(configure: Configure, client: FlaskClient) -> None:
    configure()
    _programme, made = voucher()
    access.block(made.voucher_id, actor_id=made.voucher_id, key=str(uuid4()), reason="verloren")
    session.commit()
    assert client.post("/g/karte/apple", data={"token": made.token}).status_code == 409
    assert "Apple Wallet" not in client.post("/g", data={"token": made.token}).text


def test_a_key_with_a_password_opens(configure: Configure, client: FlaskClient) -> None:
    papers = configure(password="geheim")
    assert verified(packed(client, voucher()[1].token), papers)


def test_what_cannot_sign_is_not_offered(configure: Configure, tmp_path: Path) -> None:
    for change, values in (
        ({"apple_pass_key_password": "falsch"}, {"password": "geheim"}),
        ({"apple_pass_certificate": str(tmp_path / "nowhere.pem")}, {}),
        ({"apple_pass_certificate": str(tmp_path / "above.pem")}, {}),
        ({"apple_pass_key": str(tmp_path / "ours.pem")}, {}),
        ({"apple_wwdr_certificate": ""}, {}),
        ({}, {"days": -1}),
        ({}, {"pass_type": ""}),
    ):
        configure(change, **values)
        assert apple.load_signer() is None, change or values
        assert google.load_signer() is not None
    for change in ({"google_wallet_issuer": ""}, {"google_wallet_key": str(tmp_path / "ours.pem")}):
        configure(change)
        assert google.load_signer() is None
        assert apple.load_signer() is not None
