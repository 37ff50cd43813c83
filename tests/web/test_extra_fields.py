"""A field too many in a form that moves money is refused with a sentence, and nothing happens.

Which forms move money is said the other way round: every address that takes a form does, but for those named here.
"""

from io import BytesIO
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from foundation.forms import TOKEN
from tests.web.api.test_keys import tables
from tests.web.test_no_crash import Ground, ground, rules
from tests.web.test_refused_forms import Form, found

assert ground
assert found
MACHINES = ("api.", "hooks.")  # bodies of their own: tests/web/api/test_keys.py, tests/web/money/test_hooks.py
PEOPLE = ("security.", "sign_in.", "account.", "invitation.", "desk_people.")
SHELVES = ("desk.offer_", "desk.import_", "storefront.cart_", "storefront.checkout_begin", "storefront.checkout_choose")
DEVICES = ("desk_tills.", "desk_registers.", "desk_webhooks.", "till_pin.", "till_enrolment.", "till.begin_practice")
PAPERS = ("office_letters.", "office_cards.", "counter_stock.", "passes.", "till.receipt_mail", "till.end_practice")
CONTRACTS = ("office_programmes.", "office_agreements.", "office_charters.", "office_partners.", "desk_agreements.")
KEEPERS = ("office_counters.create", "office_counters.switch", "office_counters.invite", "office_counters.remove")
LOOKS = ("office_support.", "office_watch.decide", "wallet.", "wallet_proof.", "storefront.checkout_leave")
OWN = ("hide", "block", "unblock", "remind", "rename", "renew_codes", "history", "give")
WALLET = tuple(f"wallet_items.{act}" for act in OWN)
NO_MONEY = (*MACHINES, *PEOPLE, *SHELVES, *DEVICES, *PAPERS, *CONTRACTS, *KEEPERS, *LOOKS, *WALLET)
SENTENCE = "enthielt ein Feld, das es hier nicht gibt"


def moving(ground: Ground) -> list[Rule]:
    """Addresses whose forms move money."""
    posted = (rule for rule in rules(ground.app) if "POST" in (rule.methods or set()))
    return [rule for rule in posted if not rule.endpoint.startswith(NO_MONEY)]


def accepted(ground: Ground, endpoint: str) -> frozenset[str]:
    """The fields that a view takes; none where it does not say so."""
    names: frozenset[str] = getattr(ground.app.view_functions[endpoint], "accepted_fields", frozenset())
    return names


def address(ground: Ground, rule: Rule) -> str:
    path = str(rule.rule)
    for name in rule.arguments:
        for written in (f"<{name}>", f"<uuid:{name}>"):
            path = path.replace(written, quote(ground.known.get(name, str(uuid4())), safe=""))
    return path


def test_every_form_that_moves_money_says_which_fields_it_takes(ground: Ground) -> None:
    endpoints = {rule.endpoint for rule in moving(ground)}
    assert len(endpoints) > 50, sorted(endpoints)
    assert sorted(endpoint for endpoint in endpoints if not accepted(ground, endpoint)) == []


@pytest.mark.parametrize("name", ["currency", "amount_cents", "AMOUNT", "amount ", ""])
def test_a_field_too_many_is_refused_with_a_sentence_and_changes_nothing(ground: Ground, name: str) -> None:
    everybody = ground.visitors[1]
    with ground.app.app_context():
        before = tables()
    for rule in moving(ground):
        answer = everybody.post(address(ground, rule), data={name: "1"})
        assert (answer.status_code, SENTENCE in answer.text) == (422, True), rule.endpoint
    with ground.app.app_context():
        assert tables() == before


def test_a_file_too_many_is_refused_alike(ground: Ground) -> None:
    for rule in moving(ground):
        answer = ground.visitors[1].post(address(ground, rule), data={"evil": (BytesIO(b"1"), "x.txt")})
        assert SENTENCE in answer.text, rule.endpoint


def test_without_it_the_same_forms_are_judged_by_what_they_hold(ground: Ground) -> None:
    """The control: it is the field that is refused, not the form."""
    for rule in moving(ground):
        answer = ground.visitors[1].post(address(ground, rule), data={TOKEN: "x"})
        assert SENTENCE not in answer.text, rule.endpoint


def test_no_page_of_ours_sends_what_is_refused(ground: Ground, found: dict[str, tuple[FlaskClient, Form]]) -> None:
    shown = {endpoint: form for endpoint, (_visitor, form) in found.items() if accepted(ground, endpoint)}
    assert len(shown) > 10, sorted(shown)
    wrong = {e: sorted({*form.carried, *form.filled} - accepted(ground, e)) for e, form in shown.items()}
    assert {endpoint: names for endpoint, names in wrong.items() if names} == {}
