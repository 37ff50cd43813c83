"""The wallet's pages: signed in by a mail link, two taps to balances and ends, and nothing of anybody else's."""

import io
import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from foundation import clock, links
from foundation.database import session, transact, uuid7
from people.models import Outlet, Person
from tests.builders import vouchers as build
from tests.builders import wallet as wallets
from tests.builders.form_fields import choose_taken
from tests.builders.sales import last_mail, link_in, mails, paid, sale, text_of
from tests.database.wallet.test_claiming import redeem
from vouchers.sales import pictures
from vouchers.stored_value.models import Programme, Voucher
from vouchers.wallet import claiming, transfer
from vouchers.wallet.models import WalletItem


def sign_in(client: FlaskClient, person: Person, back: str = "/geldboerse") -> None:
    token = links.sign("sign-in", f"{clock.now().timestamp()}|{back}|{person.email}", timed=True)
    assert client.post(f"/anmelden/link/{token}").headers["Location"] == back


def item(item_id: UUID) -> WalletItem:
    session.rollback()
    found: WalletItem = session.get_one(WalletItem, item_id, populate_existing=True)
    return found


def plain(text: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u202f", " ")


def test_a_mail_link_is_enough_and_without_one_nobody_enters(client: FlaskClient, context: Flask) -> None:
    owner, _shop, programme, _given, item_id = wallets.wallet(73_00)
    for address in ("/geldboerse", f"/geldboerse/{item_id}", "/geldboerse/hinzufuegen"):
        assert client.get(address).headers["Location"].startswith("/anmelden")
    assert client.get("/geldboerse/stand.json", headers={"Accept": "application/json"}).status_code == 401
    sign_in(client, owner)
    page = client.get("/geldboerse").text
    assert programme.name in page
    assert "73,00 €" in plain(page)
    assert "/geldboerse" in client.get("/konto").text


def test_lots_and_their_ends_are_two_taps_away(client: FlaskClient, context: Flask) -> None:
    programme, shop, given = build.scene(20_00)
    build.load(programme.id, given.voucher_id, 5_00, kind="bonus", origin_id=uuid7(), days=40)
    owner = wallets.person()
    item_id = wallets.claimed(owner, given)
    redeem(wallets.code_of(item_id), shop, 7_00)
    sign_in(client, owner)
    assert f"/geldboerse/{item_id}" in client.get("/geldboerse").text
    page = plain(client.get(f"/geldboerse/{item_id}").text)
    end = clock.today() + timedelta(days=40)
    assert "bezahlt" in page
    assert "18,00 €" in page  # the bonus of 5 € went first: it ends first
    assert f"{clock.today().year + 3}" in page
    assert end.strftime("%d.%m.%Y") not in page
    outlet = session.get_one(Outlet, shop.outlet_id)
    assert outlet.name in page
    assert "−7,00 €" in page


def test_the_history_can_be_hidden_on_this_device_without_script(client: FlaskClient, context: Flask) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet()
    redeem(wallets.code_of(item_id), shop)
    name = session.get_one(Outlet, shop.outlet_id).name
    sign_in(client, owner)
    assert name in client.get(f"/geldboerse/{item_id}").text
    client.post("/geldboerse/verlauf", data={"show": "0"})
    assert name not in client.get(f"/geldboerse/{item_id}").text
    client.post("/geldboerse/verlauf", data={"show": "1"})
    assert name in client.get(f"/geldboerse/{item_id}").text


def test_the_page_works_without_script_and_renews_itself(client: FlaskClient, context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    sign_in(client, owner)
    page = client.get(f"/geldboerse/{item_id}").text
    found = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', page)
    assert found
    assert 1 <= int(found[1]) <= 30
    assert "<svg" in page.split("data-picture")[1]


def test_a_voucher_is_claimed_by_link_or_by_code_and_pin(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, first = build.scene()
    _other, _its_shop, second = build.scene()
    owner = wallets.person()
    sign_in(client, owner)
    assert client.post("/geldboerse/hinzufuegen", data={"token": f"http://x/g#{first.token}"}).status_code == 303
    assert client.post("/geldboerse/hinzufuegen", data={"token": second.code, "pin": second.pin}).status_code == 303
    again = client.post("/geldboerse/hinzufuegen", data={"token": first.token})
    assert again.status_code == 404
    assert "Dazu finden wir keinen Gutschein." in again.text
    count = sa.select(sa.func.count()).select_from(WalletItem).where(WalletItem.person_id == owner.id)
    assert session.scalar(count) == 2


def test_what_was_shown_before_signing_in_waits_and_is_claimed_with_one_press(
    client: FlaskClient, context: Flask
) -> None:
    _programme, _shop, given = build.scene()
    page = client.post("/g", data={"token": given.token}).text
    assert "In meine Geldbörse legen" in page
    assert client.post("/g/mitnehmen", data={"token": given.token}).headers["Location"] == "/geldboerse/hinzufuegen"
    with client.session_transaction() as cookie:
        assert given.token not in str(dict(cookie))
    owner = wallets.person()
    sign_in(client, owner, "/geldboerse/hinzufuegen")
    assert "Den Gutschein von eben?" in client.get("/geldboerse/hinzufuegen").text
    answer = client.post("/geldboerse/hinzufuegen", data={"waiting": "1", "key": uuid4().hex})
    assert answer.status_code == 303
    assert client.post("/g", data={"token": given.token}).status_code == 404


ACTS = (
    ("GET", ""),
    ("POST", "/sperren"),
    ("POST", "/entsperren"),
    ("POST", "/name"),
    ("POST", "/ausblenden"),
    ("POST", "/erinnern"),
    ("GET", "/weitergeben"),
    ("POST", "/weitergeben"),
)


@pytest.mark.parametrize(("method", "act"), ACTS)
def test_somebody_elses_voucher_is_not_there(client: FlaskClient, context: Flask, method: str, act: str) -> None:
    _owner, _shop, _programme, given, item_id = wallets.wallet()
    sign_in(client, wallets.person())
    values = {"email": "x@example.org", "label": "meins", "remind": "1", "hidden": "1"}
    form = choose_taken(client, f"/geldboerse/{item_id}{act}", values) if method == "POST" else None
    answer = client.open(f"/geldboerse/{item_id}{act}", method=method, data=form)
    assert answer.status_code == 404
    assert given.code not in answer.text
    kept = item(item_id)
    assert (kept.label, kept.remind, kept.hidden, kept.removed_at) == ("", False, False, None)
    assert session.get_one(Voucher, given.voucher_id, populate_existing=True).state == "active"


def test_blocking_and_unblocking_take_effect_at_once(client: FlaskClient, context: Flask) -> None:
    owner, shop, _programme, _given, item_id = wallets.wallet()
    sign_in(client, owner)
    client.post(f"/geldboerse/{item_id}/sperren")
    assert redeem(wallets.code_of(item_id), shop) == "not_redeemable"
    page = client.get(f"/geldboerse/{item_id}").text
    assert "Dieser Gutschein ist gesperrt" in page
    assert "data-picture" not in page
    client.post(f"/geldboerse/{item_id}/entsperren")
    assert redeem(wallets.code_of(item_id), shop) == "done"


def test_who_holds_the_link_blocks_and_unblocks_without_an_account(client: FlaskClient, context: Flask) -> None:
    _programme, shop, given = build.scene()
    page = client.post("/g", data={"token": given.token}).text
    proof = re.search(r'name="holder" value="([^"]+)"', page)
    assert proof
    page = client.post("/g/sperren", data={"holder": proof[1], "token": given.token}).text
    assert "Der Gutschein ist gesperrt." in page
    assert redeem(given.token, shop) == "not_redeemable"
    page = client.post("/g/entsperren-mit-link", data={"holder": proof[1], "token": given.token}).text
    assert "Der Gutschein ist wieder frei." in page
    assert redeem(given.token, shop) == "done"
    assert client.post("/g/sperren", data={"holder": "gefälscht", "token": given.token}).status_code == 404


def test_naming_hiding_and_reminding(client: FlaskClient, context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    sign_in(client, owner)
    client.post(f"/geldboerse/{item_id}/name", data={"label": " von  Oma "})
    client.post(f"/geldboerse/{item_id}/name", data={"label": "x" * 61})
    client.post(f"/geldboerse/{item_id}/erinnern", data={"remind": "1"})
    client.post(f"/geldboerse/{item_id}/ausblenden", data={"hidden": "1"})
    kept = item(item_id)
    assert (kept.label, kept.remind, kept.hidden) == ("von Oma", True, True)
    page = client.get("/geldboerse").text
    assert page.index("Ausgeblendet") < page.index("von Oma")
    off = links.sign("wallet-reminder-off", str(item_id))
    stranger = client.application.test_client()
    assert item(item_id).remind is True
    stranger.get(f"/g/erinnerung-aus/{off}")
    assert item(item_id).remind is True  # mail programs open links by themselves
    assert "Die Erinnerungen sind aus." in stranger.post(f"/g/erinnerung-aus/{off}").text
    assert item(item_id).remind is False


def test_passing_on_by_the_form(client: FlaskClient, context: Flask) -> None:
    owner, _shop, _programme, _given, item_id = wallets.wallet()
    sign_in(client, owner)
    page = client.post(f"/geldboerse/{item_id}/weitergeben", data={"email": "oma", "language": "de"})
    assert page.status_code == 422
    assert "Bitte prüfen Sie die E-Mail-Adresse." in page.text
    to = f"{uuid4().hex}@example.org"
    values = {"email": to, "language": "de", "giver": "Karin", "greeting": "<b>Alles Gute</b>", "key": uuid4().hex}
    assert client.post(f"/geldboerse/{item_id}/weitergeben", data=values).status_code == 303
    [letter] = mails("vouchers/wallet_voucher", to)
    html = letter.get_body(("html",))
    assert html
    assert "&lt;b&gt;Alles Gute" in html.get_content()
    assert client.get(f"/geldboerse/{item_id}").status_code == 404
    assert "Noch liegt nichts darin" in client.get("/geldboerse").text


def test_merging_by_the_form(client: FlaskClient, context: Flask) -> None:
    programme = build.programme()
    build.accepting_shop(programme.id)
    given = [build.voucher(programme.id, cents) for cents in (20_00, 30_00)]
    session.commit()
    owner = wallets.person()
    items = [wallets.claimed(owner, g) for g in given]
    sign_in(client, owner)
    assert "Einen anderen dazulegen" in client.get(f"/geldboerse/{items[0]}").text
    client.post(f"/geldboerse/{items[0]}/zusammenlegen", data={"source": str(items[1]), "key": uuid4().hex})
    assert "50,00 €" in plain(client.get(f"/geldboerse/{items[0]}").text)
    for source in ("", "unsinn", str(items[0]), str(items[1]), str(uuid4())):
        answer = client.post(f"/geldboerse/{items[0]}/zusammenlegen", data={"source": source})
        assert answer.status_code == 303
    assert "50,00 €" in plain(client.get(f"/geldboerse/{items[0]}").text)


def test_the_answer_to_a_lost_voucher_is_the_same_for_everybody(client: FlaskClient, context: Flask) -> None:
    _programme, _shop, given = build.scene()
    known, unknown = f"{uuid4().hex}@example.org", f"{uuid4().hex}@example.org"
    transact(transfer.store_contact, given.voucher_id, known, "de")
    answers = [client.post("/g/verloren", data={"email": e}) for e in (known, unknown)]
    assert [a.status_code for a in answers] == [200, 200]
    token = re.compile(r'content="[^"]*"|value="[^"]*"')
    assert token.sub("", answers[0].text) == token.sub("", answers[1].text)
    assert mails("vouchers/wallet_proof", known) == []  # the job sends it, not the request
    assert client.post("/g/verloren", data={"email": "x"}).status_code == 422


def test_the_buyers_own_picture_is_the_face_of_the_voucher(client: FlaskClient, context: Flask) -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), (200, 30, 30)).save(out, "JPEG")
    picture_id = transact(pictures.store_picture, pictures.draw_upload(out.getvalue()))
    programme: Programme = transact(build.programme)
    bought = sale(paid(programme, picture_id=picture_id))
    token = link_in(text_of(last_mail("vouchers/voucher", bought.buyer_email)))
    shown = client.post("/g", data={"token": token}).text
    owner = wallets.person()
    item_id: UUID = transact(claiming.claim, owner.id, token, "", key=uuid4().hex)
    sign_in(client, owner)
    client.post(f"/geldboerse/{item_id}/sperren")
    for page in (shown, client.get("/geldboerse").text, client.get(f"/geldboerse/{item_id}").text):
        [face] = re.findall(r'<img class="voucher-art" src="([^"]+)"', page)
        assert client.get(face).data.startswith(b"\xff\xd8")
    _programme, _shop, plain_one = build.scene()
    assert "/gutscheine/bild/" not in client.post("/g", data={"token": plain_one.token}).text
