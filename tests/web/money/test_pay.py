"""The payer's pages: every stage, the way back from the provider, once more, another way."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from demo.stripe_standin.testing import CheckoutRefused, Running
from foundation import clock
from foundation.database import session
from foundation.models import OutgoingMail
from foundation.security import decrypt
from money.payments import calling, links, recovering, starting
from money.payments.methods import MethodOffer
from money.web.method_choice import find_chosen, list_choices
from tests.builders import bank
from tests.builders.payments import balance, mixed, told


def path(payment: UUID, rest: str = "") -> str:
    return f"/bezahlen/{links.sign_payment_id(payment)}{rest}"


def stand(client: FlaskClient, payment: UUID) -> str:
    answer = client.get(path(payment, "/stand"))
    assert answer.json is not None
    return str(answer.json["state"])


def test_the_whole_way_of_a_card(client: FlaskClient, stripe: Running) -> None:
    payment, ref, _voucher = mixed("card")
    page = starting.start(payment).url
    waiting = client.get(path(payment))
    assert waiting.status_code == 200
    assert "Weiter bezahlen" in waiting.text
    assert "50,00" in waiting.text
    assert stand(client, payment) == "waiting"
    again = client.post(path(payment, "/weiter"))
    assert (again.status_code, again.headers["Location"]) == (303, page)
    back = urlsplit(stripe.pay(page))
    assert back.path == path(payment, "/zurueck")
    done = client.get(back.path)
    assert (done.status_code, done.headers["Location"]) == (303, f"/test-thing/{ref}")
    assert told(payment).state == "secured"
    assert stand(client, payment) == "done"
    assert "Bezahlt" in client.get(path(payment)).text


def test_coming_back_without_having_paid_changes_nothing(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, voucher = mixed("card")
    starting.start(payment)
    answer = client.get(path(payment, "/zurueck"))
    assert (answer.status_code, answer.headers["Location"]) == (303, path(payment))
    assert (told(payment).state, balance(voucher)) == ("open", (25_00, 20_00))


def test_another_way_ends_this_one_and_leads_to_the_choice(client: FlaskClient, stripe: Running) -> None:
    payment, ref, voucher = mixed("card")
    page = starting.start(payment).url
    answer = client.post(path(payment, "/anders"))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/test-thing/{ref}")
    assert (told(payment).failed, balance(voucher)) == (["abandoned"], (25_00, 0))
    failed = client.get(path(payment))
    assert "Sie haben diese Zahlung beendet" in failed.text
    assert f"/test-thing/{ref}" in failed.text
    assert stand(client, payment) == "failed"
    again = client.post(path(payment, "/anders"))
    assert again.headers["Location"] == f"/test-thing/{ref}"
    assert told(payment).failed == ["abandoned"]
    with pytest.raises(CheckoutRefused):
        stripe.pay(page)


def test_a_debit_says_that_it_takes_days(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("sepa_debit")
    back = urlsplit(stripe.pay_by_debit(starting.start(payment).url)).path
    answer = client.get(back, follow_redirects=True)
    assert "Wird eingezogen, das dauert einige Werktage" in answer.text
    assert stand(client, payment) == "collecting"


def test_a_capture_under_way_asks_for_patience_and_offers_to_reload(client: FlaskClient, stripe: Running) -> None:
    payment, ref, _voucher = mixed("card")
    back = urlsplit(stripe.pay(starting.start(payment).url)).path
    stripe.fault("request_lost", path="*/capture", count=None)
    answer = client.get(back, follow_redirects=True)
    assert "Bitte bezahlen Sie nicht noch einmal" in answer.text
    assert "Neu laden" in answer.text
    assert stand(client, payment) == "checking"
    stripe.clear_faults()
    assert client.get(back).headers["Location"] == f"/test-thing/{ref}"


def test_an_expired_payment_says_so(client: FlaskClient, stripe: Running) -> None:
    payment, _ref, _voucher = mixed("card")
    starting.start(payment)
    with clock.at(clock.now() + timedelta(minutes=31)):
        recovering.recover()
    assert "Die Zeit zum Bezahlen ist abgelaufen" in client.get(path(payment)).text


def test_while_the_provider_is_silent_the_page_says_so_and_the_payment_stays(
    client: FlaskClient, stripe: Running
) -> None:
    payment, _ref, voucher = mixed("card")
    stripe.fault("request_lost", method="*", path="*", count=None)
    answer = client.post(path(payment, "/weiter"))
    assert answer.status_code == 503
    assert "Der Zahlungsdienst antwortet gerade nicht" in answer.text
    assert (told(payment).state, balance(voucher)) == ("open", (25_00, 20_00))
    stripe.clear_faults()
    assert client.post(path(payment, "/weiter")).headers["Location"].startswith(stripe.base)
    calling.advance(payment)


@pytest.mark.parametrize("rest", ["", "/stand", "/zurueck"])
def test_addresses_that_we_did_not_sign_show_nothing(client: FlaskClient, stripe: Running, rest: str) -> None:
    payment, _ref, _voucher = mixed("card")
    for wrong in (str(payment), links.sign_payment_id(payment)[:-2] + "xx", "x"):
        assert client.get(f"/bezahlen/{wrong}{rest}").status_code == 404
    assert client.post(f"/bezahlen/{payment}/anders").status_code == 404
    assert told(payment).state == "open"


def test_the_choice_of_methods_is_a_group_of_radio_cards(client: FlaskClient, stripe: Running) -> None:
    from_app = client.application.jinja_env.from_string(
        "{% from 'money/parts/methods.html' import methods %}{{ methods(choices, chosen, error) }}"
    )
    with client.application.test_request_context():
        card = MethodOffer("card", "Karte", note="Sofort.", moment="Gilt gleich.", symbol="credit-card")
        offers = [card, MethodOffer("pickup", "Bezahlung bei Abholung", symbol="store")]
        html = from_app.render(choices=list_choices(offers), chosen=find_chosen(offers, None, "card"))
        empty = from_app.render(choices=list_choices([]), chosen=find_chosen([]))
        refused = from_app.render(
            choices=list_choices(offers), chosen=find_chosen(offers, "pickup", "card"), error="Nein."
        )
        assert len(re.findall(r'value="pickup"\s+checked', refused)) == 1
        assert 'aria-describedby="f-method-error"' in refused
    assert (find_chosen(offers), find_chosen([card])) == (None, "card")
    assert "Sofort. Gilt gleich." in html
    assert html.count('type="radio"') == 2
    assert re.search(r'value="card"\s+checked', html)
    assert "Wie möchten Sie bezahlen?" in html
    assert "keine Zahlungsart" in empty


def test_a_transfer_shows_what_to_type_and_a_code_and_mails_it_once(client: FlaskClient, stripe: Running) -> None:
    payment = bank.by_transfer(42_50)
    _account, reference = bank.expected(payment)
    before = mails()
    assert starting.start(payment).url.endswith(path(payment))
    starting.start(payment)
    assert mails() - before == 1
    page = client.get(path(payment)).text
    grouped = f"{reference[:4]} {reference[4:8]} {reference[8:]}"
    for shown in ("Bitte überweisen", "42,50", "Münsterland e.V.", grouped, "<svg", "GiroCode", 'data-copy="42,50"'):
        assert shown in page
    assert f'data-copy="{reference}"' in page
    assert "Sobald das Geld da ist, kommt der Gutschein" in page
    assert stand(client, payment) == "waiting"
    bank.came(payment, 42_50)
    assert stand(client, payment) == "done"
    assert "Bezahlt" in client.get(path(payment)).text


def test_another_way_than_the_transfer_asks_whether_it_was_sent(client: FlaskClient, stripe: Running) -> None:
    payment = bank.by_transfer(20_00)
    assert "Wer jetzt anders bezahlt, bezahlt doppelt" in client.get(path(payment)).text
    client.post(path(payment, "/anders"))
    assert told(payment).failed == ["abandoned"]
    assert "Haben Sie doch überwiesen, melden wir uns" in client.get(path(payment)).text
    late = bank.by_transfer(20_00)
    with clock.at(clock.now() + timedelta(days=14, minutes=1)):
        recovering.recover()
    assert "Die Zeit zum Überweisen ist abgelaufen" in client.get(path(late)).text


def test_the_letter_holds_the_same_and_the_code_as_a_picture(client: FlaskClient, stripe: Running) -> None:
    payment = bank.by_transfer(42_50)
    _account, reference = bank.expected(payment)
    starting.start(payment)
    newest = sa.select(OutgoingMail).where(OutgoingMail.template == "money/transfer").order_by(OutgoingMail.id.desc())
    row = session.scalars(newest.limit(1)).one()
    letter = message_from_bytes(decrypt(row.message), policy=SMTP)  # type: ignore[arg-type]
    session.commit()
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"{reference[:4]} {reference[4:8]} {reference[8:]}" in text
    assert "42,50" in text
    assert [part.get_filename() for part in letter.iter_attachments()] == ["girocode.png"]


def mails() -> int:
    found = session.scalar(sa.select(sa.func.count()).where(OutgoingMail.template == "money/transfer"))
    session.commit()
    return int(found or 0)


@pytest.mark.parametrize(
    ("method", "moment"), [("card", "Der Gutschein gilt sofort."), ("sepa_debit", "sobald die Bank eingezogen hat")]
)
def test_each_method_says_when_the_voucher_holds(
    client: FlaskClient, stripe: Running, method: str, moment: str
) -> None:
    payment, _ref, _voucher = mixed(method)
    starting.start(payment)
    assert moment in client.get(path(payment)).text
    order, _ref, _voucher = mixed(method, rail="seller")
    starting.start(order)
    assert moment not in client.get(path(order)).text
