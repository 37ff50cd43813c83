"""Every route with garbage: a foreseen refusal, never a crash. As a stranger, and as one who may do anything."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from foundation.database import session, transact
from marketplace.orders import links as order_links
from people import persons
from people.models import MemberRole
from people.queries import find_person
from tests.builders import bank
from tests.builders import orders as shops
from tests.builders import vouchers as vouchers_of
from tests.builders.form_fields import choose_taken
from tests.builders.organisations import organisation
from vouchers.network import programmes
from vouchers.purchases import links
from vouchers.sales import drafts, requests
from vouchers.tills import devices, redeeming, staff
from vouchers.tills.redeeming import RedemptionOrder

METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS")
ENDS_THE_VISIT = {"security.logout", "till_pin.lock", "security.change_password", "security.two_factor_setup_validate"}
ODD = (
    *("", " ", "0", "-1", "1e9", "NaN", "9" * 5000, "2147483648", "9223372036854775808", "²", "٣", "1,50", "12345678"),
    *("\x00", "a\x00b", "\r\nX-Evil: y", "ä😀", "\u2028", "%00", "%", "_", "'\"><script>", "=1+1", "../../etc/passwd"),
    *("//evil.example", "https://evil.example", "0001-01-01", "9999-12-31", "2026-02-30", "2026-11-23", "24:61", "de"),
    *("ML1." + "7" * 26, "https://x/g#ML1." + "Z" * 26, "0000-0000-000", "true", "null", "[]", "{}", "{{7*7}}", "gift"),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "a" * 3000, "(" * 500, "<" * 500),
)
NAMES = (
    *(
        "ab",
        "alias",
        "alle",
        "amount",
        "amount_cents",
        "ausgeber",
        "bis",
        "buyer_email",
        "buyer_name",
        "code",
        "collected",
    ),
    *(
        "contract",
        "deliver_hour",
        "deliver_on",
        "description",
        "email",
        "gift",
        "kategorie",
        "key",
        "km",
        "laden",
        "message",
    ),
    *(
        "method",
        "name",
        "next",
        "of_age",
        "offen",
        "offer_id",
        "on_hand",
        "ort",
        "outlet",
        "passcode",
        "password",
        "phone",
    ),
    *("pin", "postcode", "presented", "price", "programm", "q", "quantity", "reason", "receipt_no", "recipient_email"),
    *(
        "reference",
        "role",
        "seen",
        "seite",
        "shown_cents",
        "sku",
        "staff",
        "stadt",
        "statement",
        "status",
        "tag",
        "token",
    ),
    *("version", "von", "vor", "voucher", "weg", "zurueck", "art", "konto", "nach", "journal"),
    *("events", "scopes", "till", "url", "date", "from", "until", "mapping", "format", "expires_in_seconds"),
)
words = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
forms = st.dictionaries(st.sampled_from(NAMES), words, max_size=6)
values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | words
documents = st.dictionaries(
    st.sampled_from((*NAMES, "basket_total_cents", "client_time")),
    st.recursive(values, lambda inner: st.lists(inner, max_size=2), max_leaves=3),
    max_size=6,
)
BODIES = ("[" * 50_000, '{"a":' * 50_000, '"\\ud800"', '{"amount_cents": 1' + "0" * 5000 + "}", "\x00", "[1e999]", "")


@dataclass(frozen=True)
class Ground:
    """Visitors, and for each name in addresses something that is really there."""

    app: Flask
    visitors: tuple[FlaskClient, ...]
    known: dict[str, str]
    bearer: str


@pytest.fixture(scope="module")
def ground(app: Flask) -> Ground:
    with app.app_context():
        place = shops.shop()
        programme = vouchers_of.programme()
        programmes.accept(programme.id, place.id)
        issued = vouchers_of.voucher(programme.id)
        offer = shops.offer(place)
        shops.operator()
        session.commit()
        ordered = shops.ordered(offer)
        order = ordered.orders[0]
        email = shops.staff("retailer_owner", place.organisation_id)

        def every_role() -> None:
            person = find_person(email)
            assert person
            for role in MemberRole:
                persons.join(person.id, place.organisation_id, role)

        transact(every_role)
        bearer = transact(devices.add_till, place.id, name="Kasse", person_id=None)[1]
        staff_id = transact(staff.add_staff, place.id, alias="Anna", pin="7305")
        taken = redeeming.redeem(bearer, RedemptionOrder(issued.token, 100, str(uuid4())))
        account = bank.account_of(organisation("issuer").id)
        unknown = bank.received(account, bank.line(12_34, "ohne Zeichen"))
        wanted = requests.VoucherRequest(programme_id=programme.id, cents=2500, buyer_email="k@example.org")
        sale_id = transact(drafts.draft_sale, wanted)
        known = {
            "offer_id": str(offer.id),
            "order": str(order.id),
            "redemption_id": taken.body["redemption_id"],
            "organisation": str(place.organisation_id),
            "signed": order_links.sign_group(ordered.group.id),
            "link": links.sign_order(sale_id),
            "slug": programme.slug,
            "outlet": str(place.id),
            "laden": place.slug,
            "staff": str(staff_id),
            "receipt_id": str(unknown),
            "token": issued.token,
            "presented": issued.token,
            "ags": place.ags,
        }
        everybody = app.test_client()
        shops.sign_in(everybody, email)
        everybody.set_cookie("till", bearer, path="/kasse")
        everybody.post("/kasse/person", data={"staff": str(staff_id), "pin": "7305"})
        everybody.post("/warenkorb/hinein", data={"offer_id": str(offer.id), "quantity": "1"})
        everybody.post("/bestellen")
        assert everybody.get("/kasse/heute").status_code == 200
        assert everybody.get("/bestellen").status_code == 200
        assert everybody.get("/desk/angebote").status_code == 200
        return Ground(app, (app.test_client(), everybody), known, bearer)


def rules(app: Flask) -> list[Rule]:
    return sorted((r for r in app.url_map.iter_rules() if r.endpoint not in ENDS_THE_VISIT), key=str)


def path_of(ground: Ground, rule: Rule, draw: Any) -> str:
    """The rule's address with known things or garbage in it."""
    filled = str(rule.rule)
    for name in rule.arguments:
        converter = type(rule._converters[name]).__name__
        if draw(st.booleans()) and name in ground.known:
            value = ground.known[name]
        else:
            value = str(uuid4()) if converter == "UUIDConverter" else draw(words).replace("/", "") or "x"
        for written in (f"<{name}>", f"<uuid:{name}>", f"<path:{name}>"):
            filled = filled.replace(written, quote(value[:500], safe=""))
    return filled


def ask(ground: Ground, visitor: FlaskClient, path: str, method: str, **given: Any) -> None:
    answer = visitor.open(path, method=method, **given)
    assert answer.status_code < 500 or answer.status_code == 503, (method, path[:300], given, answer.text[-300:])
    answer.close()


@given(data=st.data())
@settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None)
def test_no_garbage_crashes_any_route(ground: Ground, data: st.DataObject) -> None:
    draw = data.draw
    rule = draw(st.sampled_from(rules(ground.app)))
    visitor = draw(st.sampled_from(ground.visitors))
    path, method = path_of(ground, rule, draw), draw(st.sampled_from(METHODS))
    given: dict[str, Any] = {"query_string": draw(forms)}
    headers = {"Authorization": f"Bearer {ground.bearer}", "Idempotency-Key": draw(words)[:100]}
    given["headers"] = (
        {k: v for k, v in headers.items() if v.isascii() and v.isprintable()} if draw(st.booleans()) else {}
    )
    kind = draw(st.sampled_from(["form", "json", "raw", "nothing"]))
    if kind == "form":
        filled = draw(forms)
        filled = choose_taken(visitor, path, filled) if draw(st.booleans()) else filled
        given["data"] = filled | {n: v for n, v in ground.known.items() if n in filled and draw(st.booleans())}
    elif kind == "json":
        given["json"] = draw(documents)
    elif kind == "raw":
        given |= {"data": draw(st.sampled_from(BODIES)), "content_type": "application/json"}
    ask(ground, visitor, path, method, **given)


def test_each_route_bears_each_kind_of_garbage_once(ground: Ground) -> None:
    for rule in rules(ground.app):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for visitor in ground.visitors:
                for word in ("\x00", "²"):
                    path = str(rule.rule)
                    for name in rule.arguments:
                        for written in (f"<{name}>", f"<uuid:{name}>", f"<path:{name}>"):
                            path = path.replace(written, quote(ground.known.get(name, str(uuid4())), safe=""))
                    fields = dict.fromkeys(NAMES, word)
                    given: dict[str, Any] = {"query_string": fields}
                    if method != "GET":
                        named = getattr(ground.app.view_functions[rule.endpoint], "accepted_fields", ())
                        given["data"] = choose_taken(visitor, path, fields | dict.fromkeys(named, word))
                    ask(ground, visitor, path, method, **given)


def test_a_deeply_nested_document_is_refused(ground: Ground) -> None:
    headers = {"Authorization": f"Bearer {ground.bearer}", "Idempotency-Key": str(uuid4())}
    for body in BODIES:
        answer = ground.app.test_client().post(
            "/api/v1/redemptions", data=body, content_type="application/json", headers=headers
        )
        assert answer.status_code in {400, 422}, (body[:30], answer.status_code)
        assert json.loads(answer.text)["code"]
