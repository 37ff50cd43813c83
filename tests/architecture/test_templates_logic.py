"""Templates decide nothing: no method, state or kind is compared with a word in a page, and no field is drawn by hand.

Views hand over predicates (`is_open`, `has_…`) or a row with what to show; fields come from `parts/forms.html`.
"""

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path

import jinja2
import pytest
from flask import Flask
from jinja2 import meta, nodes

from tests.architecture.test_house import ROOT, modules
from tests.architecture.test_house import name_of as name_of_module

TEMPLATES = ROOT / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt", ".typ"})
READER = jinja2.Environment(extensions=["jinja2.ext.i18n"])
COMPARING = {"eq", "equalto", "==", "ne", "!=", "in", "sameas"}
SELECTING = {"selectattr": 1, "rejectattr": 1, "select": 0, "reject": 0}
# Whose words a template may compare: none of ours.
FOREIGN = {
    "layouts/bare.html": "the look that a cookie asks for",
    "layouts/till.html": "the look that a cookie asks for",
    "parts/data.html": "a chart's kind and unit, the macro's own words",
    "parts/forms.html": "an input's type, the macro's own word; names of errors without a field",
    "parts/map.html": "on which side of a dot its name stands, a drawing of this file",
    "parts/marks.html": "a drawing's kind, the macro's own word",
    "parts/notices.html": "a notice's kind, the macro's own word; categories of Flask's messages",
    "security/two_factor_setup.html": "the names that Flask-Security gives its methods",
    "vouchers/api/public/docs.html": "words of OpenAPI",
}


def name_of(page: Path) -> str:
    return page.relative_to(TEMPLATES).as_posix()


def words(*given: nodes.Node) -> list[str]:
    """The string literals among some expressions, also inside a tuple or list."""
    found: list[str] = []
    for node in given:
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            found.append(node.value)
        elif isinstance(node, nodes.Tuple | nodes.List):
            found += words(*node.items)
    return found


def comparisons(source: str) -> list[tuple[int, list[str]]]:
    """(line, words) of every comparison with a literal: by an operator, by a test, by `selectattr` and its kin."""
    found = []
    for node in READER.parse(source).find_all((nodes.Compare, nodes.Test, nodes.Filter)):
        if isinstance(node, nodes.Compare):
            compared = words(node.expr, *(operand.expr for operand in node.ops))
        elif isinstance(node, nodes.Test):
            compared = words(*node.args) if node.name in COMPARING else []
        else:
            after = SELECTING.get(node.name)
            test = node.args[after : after + 1] if after is not None else []
            compared = words(*node.args[after + 1 :]) if after is not None and set(words(*test)) & COMPARING else []
        if compared:
            found.append((node.lineno, compared))
    return found


def test_no_template_compares_with_a_word() -> None:
    found = {name_of(page): comparisons(page.read_text("utf-8")) for page in PAGES}
    assert {name: lines for name, lines in found.items() if lines and name not in FOREIGN} == {}
    assert {name for name in FOREIGN if not found[name]} == set(), "an exception that nothing needs any more"


@pytest.mark.parametrize(
    "planted",
    [
        "{% if order.state == 'open' %}{% endif %}",
        "{{ 'bar' if sale.paid_by != 'cash' else '' }}",
        "{% if held.state in ('active', 'exhausted') %}{% endif %}",
        "{% if 'apple' in wallets %}{% endif %}",
        "{% if offer.method is eq 'card' %}{% endif %}",
        "{% set paid = sales|selectattr('state', 'equalto', 'paid')|list %}",
        "{% set cool = kinds|reject('in', ['ambient'])|list %}",
    ],
)
def test_a_comparison_is_seen(planted: str) -> None:
    assert comparisons(planted), planted


def test_what_is_no_comparison_is_let_through() -> None:
    for fine in ("{% if order.is_open %}{% endif %}", "{{ words['open'] }}", "{{ rows|selectattr('is_new')|list }}"):
        assert comparisons(fine) == [], fine


# Where a field is rightly drawn by hand: file -> why.
DRAWN_BY_HAND = {
    "layouts/header.html": "the search of every page: no label to see, no error to show",
    "vouchers/wallet/devices/offline.html": "filled and read by the page's script without a network, sent nowhere",
    "vouchers/shop/lists/check.html": "carries the list along: an input would lose its line ends",
}
FIELD = re.compile(r"<(input|select|textarea)\b")


def test_fields_are_drawn_by_the_one_set_of_macros() -> None:
    found = {name_of(page) for page in PAGES if FIELD.search(page.read_text("utf-8"))} - {"parts/forms.html"}
    assert found == set(DRAWN_BY_HAND)
    assert FIELD.search('<label>Name <input name="name"></label>')


def test_a_predicate_that_nobody_handed_over_is_a_fault(app: Flask) -> None:
    missing = app.jinja_env.from_string("{% if order.is_misspelled %}x{% endif %}{% if order.note %}y{% endif %}")
    with pytest.raises(jinja2.UndefinedError, match="is_misspelled"):
        missing.render(order={})
    assert app.jinja_env.from_string("{% if order.note %}y{% endif %}").render(order={}) == ""


@pytest.mark.parametrize(
    "planted",
    [
        "{{ day.yaer }}",
        "{% if day.yaer %}x{% endif %}",
        "{% for part in day.yaer %}x{% endfor %}",
        "{{ 'x' ~ day.yaer }}",
    ],
)
def test_what_an_object_has_never_had_is_a_fault(app: Flask, planted: str) -> None:
    """A renamed attribute would leave a page without its sum; what a dictionary lacks is merely empty."""
    template = app.jinja_env.from_string(planted)
    with pytest.raises(jinja2.UndefinedError, match="yaer"):
        template.render(day=date(2026, 11, 23))
    assert template.render(day={}) in {"", "x"}
    assert app.jinja_env.from_string("{{ day.yaer|default('x') }}").render(day=date(2026, 11, 23)) == "x"


# Where the two bodies of a mail rightly take different names: mail -> what the text does without.
BY_ANOTHER_NAME = {
    "vouchers/mail/confirmation": {"number", "order"},  # the heading's number; each line of the text has its own
    "vouchers/mail/receipt": {"sheet"},  # the text is the sheet as a printer has it
}


def test_the_text_of_a_mail_says_what_its_page_says(app: Flask) -> None:
    """Whoever reads mails as text reads the same sums and reasons."""

    def names(body: Path) -> set[str]:
        found = meta.find_undeclared_variables(app.jinja_env.parse(body.read_text("utf-8")))
        return found - {"mail", "ui"} - set(app.jinja_env.globals)

    for page in TEMPLATES.glob("*/mail/*.html"):
        name = name_of(page.with_suffix(""))
        assert names(page) - names(page.with_suffix(".txt")) == BY_ANOTHER_NAME.get(name, set()), name


@cache
def known_names(template: str) -> frozenset[str]:
    """Every name that a template mentions, or one that it extends, includes or imports."""
    page = READER.parse((TEMPLATES / template).read_text("utf-8"))
    found = {name.name for name in page.find_all(nodes.Name)}
    for other in meta.find_referenced_templates(page):
        found |= known_names(other) if other else set()
    return frozenset(found)


def unused_names(source: str) -> dict[str, list[str]]:
    """What the views of a module hand to a template that never mentions it, by the template."""
    found = {}
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "render_template":
            template = ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else ""
            handed = {keyword.arg for keyword in call.keywords if keyword.arg}
            if template and (unused := handed - known_names(template)):
                found[template] = sorted(unused)
    return found


def test_views_hand_over_nothing_that_the_template_does_not_use() -> None:
    """Its control: a name that no template knows is found."""
    assert {
        name_of_module(path): unused for path in modules() if (unused := unused_names(path.read_text("utf-8")))
    } == {}
    assert unused_names("render_template('people/invitation/accept.html', address=a, shells=2)") == {
        "people/invitation/accept.html": ["shells"]
    }
