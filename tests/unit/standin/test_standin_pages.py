"""The hosted pages and the post box, as a browser without script sees them."""

import http.client
import os
import re
import urllib.parse
from email.message import EmailMessage

import pytest

CARD = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12/40", "cvc": "123", "name": "Test Person"}
DEBIT = {"method": "sepa_debit", "iban": "DE89 3704 0044 0532 0130 00", "name": "Test Person", "mandate": "yes"}


class Page:
    def __init__(self, base, method, path, fields=None, **headers):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=120)
        body = urllib.parse.urlencode(fields) if fields else None
        sent = {"Content-Type": "application/x-www-form-urlencoded", **headers} if fields else headers
        connection.request(method, path.removeprefix(base), body, sent)
        reply = connection.getresponse()
        self.status, self.headers, self.content = reply.status, dict(reply.getheaders()), reply.read()
        self.text = self.content.decode("utf-8", "replace")
        self.place = self.headers.get("Location", "")
        connection.close()


@pytest.fixture
def browse(shop):
    def go(path, fields=None, **headers):
        return Page(shop.standin.base, "POST" if fields else "GET", path, fields, **headers)

    return go


def test_the_pay_page_says_who_how_much_and_that_it_is_a_test(shop, browse):
    page = browse(shop.session(123450).url)
    assert page.status == 200
    assert "Testzahlung – kein echtes Geld" in page.text
    assert "1.234,50\u202f€" in page.text
    assert "shop.test" in page.text
    assert "Gutschein" in page.text
    assert '<html lang="de">' in page.text
    for number in ("4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155", "4000 0000 0000 0259"):
        assert number in page.text
    assert "http://shop.test/korb" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text


def test_the_policy_allows_no_script_and_the_way_back_to_the_merchant(shop, browse):
    policy = browse(shop.session().url).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "form-action 'self' http://shop.test" in policy


def test_paying_leads_back_to_the_merchant_with_the_sessions_id(shop, browse):
    session = shop.session()
    page = browse(session.url, CARD)
    assert (page.status, page.place) == (303, f"http://shop.test/danke?s={session.id}")


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4000000000000002", "Ihre Karte wurde abgelehnt."),
        ("4000000000009995", "Ihr Kartenguthaben reicht nicht aus."),
        ("4000000000000069", "Ihre Karte ist abgelaufen."),
        ("4000000000000127", "Die Prüfziffer (CVC) Ihrer Karte ist falsch."),
        ("4000000000000119", "Bei der Verarbeitung Ihrer Karte ist ein Fehler aufgetreten."),
        ("4000000000000341", "Ihre Karte wurde abgelehnt."),
        ("4242424242424241", "Die Kartennummer ist nicht richtig."),
        ("4000056655665556", "Das ist keine Testkarte."),
    ],
)
def test_a_declined_card_shows_the_page_again_with_the_reason_and_what_was_typed(shop, browse, number, sentence):
    session = shop.session()
    page = browse(session.url, {**CARD, "number": number, "name": "Karin Muster"})
    assert page.status == 402
    assert sentence in page.text
    assert 'role="alert"' in page.text
    assert 'value="Karin Muster"' in page.text
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_the_page_speaks_english_when_asked(shop, browse):
    session = shop.session(locale="en")
    page = browse(session.url, {**CARD, "number": "4000000000009995"})
    assert "Your card has insufficient funds." in page.text
    assert '<html lang="en">' in page.text
    assert "€50.00" in page.text
    assert (
        "Ihr Kartenguthaben reicht nicht aus."
        in browse(session.url + "?lang=de", {**CARD, "number": "4000000000009995"}).text
    )
    browser = {"Accept-Language": "en-GB,en;q=0.9"}
    assert '<html lang="en">' in browse(shop.session().url, **browser).text


@pytest.mark.parametrize("missing", ["number", "expiry", "cvc", "name"])
def test_an_empty_field_is_named_and_nothing_is_charged(shop, browse, missing):
    session = shop.session()
    page = browse(session.url, {**CARD, missing: " "})
    assert page.status == 422
    assert f'id="{missing}-wrong"' in page.text
    assert shop.v1.charges.list().data == []


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("expiry", "nie", "Bitte geben Sie Monat und Jahr ein"),
        ("expiry", "13/40", "Der Monat des Ablaufdatums ist nicht richtig."),
        ("expiry", "01/20", "Ihre Karte ist abgelaufen."),
        ("cvc", "12", "Die Prüfziffer (CVC) besteht aus drei oder vier Ziffern."),
        ("number", "abc", "Die Kartennummer ist nicht richtig."),
    ],
)
def test_a_wrong_field_gets_a_clear_sentence(shop, browse, field, value, sentence):
    page = browse(shop.session().url, {**CARD, field: value})
    assert page.status in (402, 422)
    assert sentence in page.text
    assert shop.v1.charges.list().data == []


def test_without_an_email_from_the_merchant_the_page_asks_for_it(shop, browse):
    made = shop.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "success_url": "http://shop.test/danke",
            "line_items": [
                {"price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "Tee"}}, "quantity": 2}
            ],
        }
    )
    assert 'name="email"' in browse(made.url).text
    assert browse(made.url, {**CARD, "email": "keine"}).status == 422
    assert browse(made.url, {**CARD, "email": "karin@example.org"}).status == 303
    assert shop.v1.checkout.sessions.retrieve(made.id).customer_details.email == "karin@example.org"


def test_a_chosen_test_card_is_filled_in(shop, browse):
    session = shop.session()
    page = browse(f"{session.url}?method=card&test=4000000000009995")
    assert 'value="4000 0000 0000 9995"' in page.text
    page = browse(f"{session.url}?method=sepa_debit&test=DE62370400440532013001")
    assert 'value="DE62 3704 0044 0532 0130 01"' in page.text


def test_a_debit_needs_a_mandate_and_a_right_iban(shop, browse):
    session = shop.session()
    without = {name: value for name, value in DEBIT.items() if name != "mandate"}
    assert "Bitte stimmen Sie dem Lastschriftmandat zu." in browse(session.url, without).text
    wrong = browse(session.url, {**DEBIT, "iban": "DE00370400440532013000"})
    assert "Diese IBAN ist nicht richtig." in wrong.text
    assert browse(session.url, DEBIT).status == 303
    assert shop.v1.checkout.sessions.retrieve(session.id).status == "complete"


def test_a_session_without_debit_does_not_take_one(shop, browse):
    session = shop.session(allowed_payment_method_types=["card"])
    assert "SEPA-Lastschrift" not in browse(session.url).text
    assert browse(session.url, DEBIT).status == 402
    assert shop.v1.charges.list().data == []


def test_the_bank_asks_and_consent_pays(shop, browse):
    session = shop.session()
    asked = browse(session.url, {**CARD, "number": "4000000000003220"})
    assert (asked.status, asked.place.startswith("/3ds/pi_")) == (303, True)
    page = browse(asked.place)
    assert "Ihre Bank fragt nach" in page.text
    assert "form-action 'self' http://shop.test" in page.headers["Content-Security-Policy"]
    answered = browse(asked.place, {"answer": "yes"})
    assert (answered.status, answered.place) == (303, f"http://shop.test/danke?s={session.id}")
    assert browse(asked.place).status == 404


def test_the_bank_asks_and_refusal_leads_back_to_the_page_with_the_reason(shop, browse):
    session = shop.session()
    asked = browse(session.url, {**CARD, "number": "4000002500003155"})
    back = browse(asked.place, {"answer": "no"})
    assert (back.status, back.place.startswith(f"/c/pay/{session.id}")) == (303, True)
    assert "Ihre Bank konnte die Zahlung nicht bestätigen." in browse(back.place).text
    assert browse(session.url, CARD).status == 303


def test_an_intent_without_session_returns_to_its_return_url_with_the_result(shop, browse):
    intent = shop.paid(1000, "pm_card_threeDSecure2Required", return_url="http://shop.test/r?a=1")
    page = browse(f"/3ds/{intent.id}", {"answer": "yes"})
    assert re.fullmatch(
        rf"http://shop\.test/r\?a=1&payment_intent={intent.id}&payment_intent_client_secret=\w+&redirect_status=succeeded",
        page.place,
    )


def test_expired_finished_and_unknown_sessions_have_a_clear_page(shop, browse):
    expired, done = shop.session(), shop.session()
    shop.v1.checkout.sessions.expire(expired.id)
    shop.standin.pay(done.id)
    page = browse(expired.url or f"/c/pay/{expired.id}")
    assert (page.status, "Diese Bezahlseite ist abgelaufen" in page.text) == (410, True)
    assert "http://shop.test/korb" in page.text
    assert browse(f"/c/pay/{expired.id}", CARD).status == 410
    page = browse(f"/c/pay/{done.id}")
    assert (page.status, f"http://shop.test/danke?s={done.id}" in page.text) == (200, True)
    page = browse("/c/pay/cs_test_unknown")
    assert (page.status, "Diese Bezahlseite gibt es nicht" in page.text) == (404, True)
    assert browse("/c/pay/cs_test_unknown", CARD).status == 404


def test_names_are_shown_as_text_not_as_markup(shop, browse):
    item = {
        "price_data": {"currency": "eur", "unit_amount": 500, "product_data": {"name": "<b>Tee</b>"}},
        "quantity": 1,
    }
    page = browse(shop.session(line_items=[item]).url)
    assert "&lt;b&gt;Tee&lt;/b&gt;" in page.text


def test_a_shop_introduces_itself_and_returns(shop, browse):
    account = shop.account(active=False)
    link = shop.v1.account_links.create(
        {
            "account": account,
            "type": "account_onboarding",
            "return_url": "http://shop.test/fertig",
            "refresh_url": "http://shop.test/neu",
        }
    )
    assert "Konto für Auszahlungen" in browse(link.url).text
    page = browse(link.url, {"x": "1"})
    assert (page.status, page.place) == (303, "http://shop.test/fertig")
    assert shop.v1.accounts.retrieve(account).payouts_enabled is True
    assert "Dieses Konto ist freigeschaltet." in browse(link.url).text
    assert browse("/connect/setup/acct_unknown").status == 404


def test_the_front_page_and_the_mandate_page_are_there(browse):
    assert "Stripe-Ersatz" in browse("/").text
    assert "Lastschriftmandat" in browse("/mandate").text


@pytest.fixture
def post(shop_with, tmp_path):
    """A shop whose post box holds two mails."""
    older = EmailMessage()
    older["Subject"], older["To"], older["From"] = "Ihre Bestellung", "karin@example.org", "markt@example.org"
    older["Date"] = "Mon, 23 Nov 2026 09:00:00 +0100"
    older.set_content("Guten Tag,\nhier geht es weiter: http://shop.test/b?x=1.\n<script>alert(1)</script>")
    newer = EmailMessage()
    newer["Subject"], newer["To"], newer["From"] = (
        "Ihr Gutschein über 50\u202f€",
        "karin@example.org",
        "markt@example.org",
    )
    newer["Date"] = "Mon, 23 Nov 2026 10:00:00 +0100"
    newer.set_content("Ihr Gutschein: http://shop.test/g#ML1.ABC")
    newer.add_alternative(
        '<html><head></head><body><img src="cid:qr"><a href="http://shop.test/g">Öffnen</a></body></html>', "html"
    )
    newer.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<qr>")
    newer.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="Gutschein.pdf")
    for place, (name, mail) in enumerate({"1-a.eml": older, "2-b.eml": newer}.items()):
        (tmp_path / name).write_bytes(bytes(mail))

        os.utime(tmp_path / name, (1_700_000_000 + place, 1_700_000_000 + place))
    (tmp_path / "broken.eml").write_bytes(b"\xff\xfe\x00")
    return shop_with(mailbox=str(tmp_path)).standin.base


def test_the_post_box_lists_mails_newest_first(post):
    page = Page(post, "GET", "/_mail")
    assert page.text.index("Ihr Gutschein über 50") < page.text.index("Ihre Bestellung")
    assert "23.11.2026, 10:00 Uhr" in page.text
    assert "1 Anhang" in page.text


def test_a_mail_shows_its_two_forms_and_its_attachment(post):
    page = Page(post, "GET", "/_mail/2-b.eml")
    assert 'sandbox="allow-popups' in page.text
    assert "allow-scripts" not in page.text
    assert '<a href="http://shop.test/g#ML1.ABC">' in page.text
    pdf = Page(post, "GET", "/_mail/2-b.eml/attachment/0")
    assert (pdf.content, pdf.headers["Content-Type"]) == (b"%PDF-1.7", "application/pdf")
    assert pdf.headers["Content-Disposition"] == "attachment; filename=Gutschein.pdf"
    html = Page(post, "GET", "/_mail/2-b.eml/html")
    assert 'src="/_mail/2-b.eml/inline/qr"' in html.text
    assert html.headers["Content-Security-Policy"].startswith("sandbox ")
    assert "allow-scripts" not in html.headers["Content-Security-Policy"]
    assert Page(post, "GET", "/_mail/2-b.eml/inline/qr").content == b"\x89PNG"


def test_a_mails_text_is_not_markup_and_its_addresses_are_links(post):
    page = Page(post, "GET", "/_mail/1-a.eml")
    assert "&lt;script&gt;" in page.text
    assert '<a href="http://shop.test/b?x=1">http://shop.test/b?x=1</a>.' in page.text


@pytest.mark.parametrize(
    "path",
    [
        "/_mail/unknown.eml",
        "/_mail/..%2Fsecret.eml",
        "/_mail/1-a.eml/attachment/0",
        "/_mail/2-b.eml/attachment/9",
        "/_mail/2-b.eml/inline/x",
        "/_mail/passwd",
    ],
)
def test_what_is_no_mail_of_the_box_is_not_shown(post, path):
    assert Page(post, "GET", path).status == 404


def test_an_empty_post_box_says_so(browse):
    assert "Noch keine E-Mails." in browse("/_mail").text
