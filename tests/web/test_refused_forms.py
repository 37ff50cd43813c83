"""Every form that is sent empty: what is refused stands beside its field and above the form, and the way there works.

The forms are found on the pages themselves, by walking all addresses; nobody has to enter a new one here.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.web.test_no_crash import Ground, ground, rules

assert ground  # the fixture: a visitor with every role, and something real for each name in addresses
SILENT = {"hidden", "submit", "button", "image"}
TYPED = {"text", "email", "tel", "url", "search"}


@dataclass
class Form:
    """A form as a page shows it: where it goes, what it carries along, what a person fills in."""

    action: str
    method: str
    carried: dict[str, str] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    typed: dict[str, str] = field(default_factory=dict)  # what stands in lines that people type


class Reader(HTMLParser):
    """Collects a page's forms, the ids on it, and what it says about errors."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address, self.forms, self.ids = address, [], set()
        self.beside: set[str] = set()  # ids of sentences at fields
        self.described: set[str] = set()  # ids that fields name as what describes them
        self.summary: list[str] = []
        self.has_summary = False
        self.open: Form | None = None

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in given}
        names = attributes.get("class", "").split()
        if "id" in attributes:
            self.ids.add(attributes["id"])
        if tag == "form":
            action = urljoin(self.address, attributes.get("action", self.address))
            self.open = Form(action, attributes.get("method", "get"))
            self.forms.append(self.open)
        if tag in {"input", "select", "textarea"} and self.open and "name" in attributes:
            if (tag == "input" and attributes.get("type") in SILENT) or "hidden" in attributes:
                self.open.carried[attributes["name"]] = attributes.get("value", "")
            else:
                self.open.filled.add(attributes["name"])
                if tag == "input" and attributes.get("type", "text") in TYPED:
                    self.open.typed[attributes["name"]] = attributes.get("value", "")
        if "error" in names and "id" in attributes:
            self.beside.add(attributes["id"])
        self.described |= set(attributes.get("aria-describedby", "").split())
        self.has_summary |= "error-summary" in names
        if tag == "a" and self.has_summary and attributes.get("href", "").startswith("#f-"):
            self.summary.append(attributes["href"][1:])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


def read(address: str, text: str) -> Reader:
    reader = Reader(address)
    reader.feed(text)
    return reader


def pages(ground: Ground) -> list[str]:
    """Every address that shows a page, with real things in it."""
    found = []
    for rule in rules(ground.app):
        if "GET" not in (rule.methods or set()) or str(rule.rule).startswith(("/api/", "/static", "/stil")):
            continue
        path = str(rule.rule)
        for name in rule.arguments:
            for written in (f"<{name}>", f"<uuid:{name}>", f"<path:{name}>"):
                path = path.replace(written, ground.known.get(name, str(uuid4())))
        found.append(path)
    return found


def forms_on(visitor: FlaskClient, paths: list[str]) -> dict[str, Form]:
    """Forms that somebody fills in, by the endpoint they go to: one of each kind."""
    found: dict[str, Form] = {}
    adapter = visitor.application.url_map.bind("localhost")
    for path in paths:
        answer = visitor.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        for form in read(path, answer.text).forms:
            if form.method == "post" and form.filled:
                found.setdefault(adapter.match(urlsplit(form.action).path, method="POST")[0], form)
    return found


def faults(visitor: FlaskClient, form: Form) -> list[str]:
    """What is wrong with the answer to this form, sent empty."""
    answer = visitor.post(form.action, data=form.carried | dict.fromkeys(form.filled, ""))
    if answer.status_code < 400:
        page = visitor.get(answer.location) if answer.location else answer
        said = [kind for kind in ("warn", "bad") if f'class="notice {kind}" role=' in page.text]
        if said and answer.location:
            return [f"refused by a notice alone ({answer.status_code})"]
        page = read(form.action, answer.text)
        if answer.location or not (page.beside or page.has_summary):  # accepted; Flask-Security refuses with 200
            return []
    page = read(form.action, answer.text)
    found = []
    if not page.has_summary:
        found.append(f"nothing above the form ({answer.status_code})")
    if not page.beside & page.described and answer.status_code != 200:  # e-mail or password: it is not said which
        found.append(f"nothing beside a field ({answer.status_code})")
    return found + [f"{target} is not there" for target in page.summary if target not in page.ids]


@pytest.fixture(scope="module")
def found(ground: Ground) -> dict[str, tuple[FlaskClient, Form]]:
    """Each kind of form, and who found it."""
    stranger, everybody = ground.visitors
    paths = pages(ground)
    inside = [path for path in paths if not path.startswith("/anmelden")]  # some of them end the visit
    of_all = {endpoint: (everybody, form) for endpoint, form in forms_on(everybody, inside).items()}
    return {e: (stranger, form) for e, form in forms_on(stranger, paths).items()} | of_all


def test_what_an_empty_form_lacks_stands_beside_the_field(found: dict[str, tuple[FlaskClient, Form]]) -> None:
    assert len(found) > 40, sorted(found)
    wrong = {endpoint: faults(visitor, form) for endpoint, (visitor, form) in sorted(found.items())}
    assert {endpoint: said for endpoint, said in wrong.items() if said} == {}


def test_what_was_typed_is_kept_where_a_form_is_refused(found: dict[str, tuple[FlaskClient, Form]]) -> None:
    lost = {}
    for endpoint, (visitor, form) in sorted(found.items()):
        answer = visitor.post(form.action, data=form.carried | dict.fromkeys(form.filled, "§"))
        if answer.status_code not in {409, 422}:
            continue
        again = [f for f in read(form.action, answer.text).forms if f.filled >= form.filled and f.action == form.action]
        kept = {name for each in again for name, value in each.typed.items() if value == "§"}
        if missing := set(form.typed) - kept:
            lost[endpoint] = sorted(missing)
    assert lost == {}


def test_a_page_that_says_nothing_would_be_seen() -> None:
    """The control: an error that no field names, a link that leads nowhere, a form that forgets."""
    page = read(
        "/x",
        '<div class="notice error-summary"><a href="#f-name">…</a></div><p class="error" id="f-email-error">…</p>'
        '<form method="post"><input id="f-email" name="email" value="">'
        '<input type="hidden" name="key" value="1"></form>',
    )
    assert page.has_summary
    assert not page.beside & page.described
    assert [target for target in page.summary if target not in page.ids] == ["f-name"]
    assert page.forms == [Form("/x", "post", {"key": "1"}, {"email"}, {"email": ""})]
