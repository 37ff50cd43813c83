"""What is easily forgotten when something is added: a picture, a word, a sentence, a proof. See CONTRIBUTING.md."""

import re
import sys
from enum import StrEnum
from types import ModuleType

import pytest
import sqlalchemy as sa
from flask import Flask

from foundation import jobs
from foundation.database import session
from money.ledger import explaining, proof
from scripts import architecture, routes
from tests.architecture.test_house import PACKAGES, ROOT, modules, sources
from vouchers.stored_value.states import BOOKED

SYMBOL = re.compile(r'\bsymbol(?:: str)? ?= ?"([a-z0-9-]+)"')
# Tables that leave members out on purpose, and why.
PARTIAL_WORDS = {
    "STORAGE": "goods that need no cooling are not marked",
    "DEDUCTION_REFUSALS": "only what holds wherever value is taken; tills and the checkout add their own",
}

# Modules that no part of the running application needs, and who does.
FOR_OTHERS = {
    "foundation.postgres": "demo and tests",
    "foundation.postgres_binaries": "demo and tests",
    "foundation.postgres_remains": "demo and tests",
    "foundation.roles": "a superuser, demo and tests",
    "marketplace.shops.storefronts": "demo and tests, until shops enter themselves",
}

# Files, answers for machines, parts of pages, and what Flask-Security serves: some of that needs a second factor.
NO_PAGES = ("files", "Flask-Security", "allow_everyone", "till_guard")
NO_PAGE = re.compile(r"\.(csv|json|js|atom|txt|py)$|^/hooks/|/stand$|/dsfinvk$")


def loaded() -> list[ModuleType]:
    return [module for name, module in sorted(sys.modules.items()) if name.split(".")[0] in PACKAGES]


def enumerations() -> set[type[StrEnum]]:
    found = [value for module in loaded() for value in vars(module).values() if isinstance(value, type)]
    return {kind for kind in found if issubclass(kind, StrEnum) and kind is not StrEnum}


def is_sentence(value: object) -> bool:
    return type(value).__name__ == "LazyString"


def incomplete(name: str, table: dict[str, object], kinds: set[type[StrEnum]]) -> set[str]:
    """The members that a table of words leaves out: none when its keys are no members, or all of an enumeration."""
    keys = set(table)
    fitting = [set(kind) for kind in kinds if len(keys) > 1 and keys <= set(kind)]
    if name in PARTIAL_WORDS or not fitting or keys in fitting:
        return set()
    return min(fitting, key=len) - keys


def test_every_symbol_that_a_module_names_is_drawn() -> None:
    sprite = next((ROOT / "static" / "vendor").glob("lucide-*/icons.svg")).read_text("utf-8")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    named = {symbol for path in modules() for symbol in SYMBOL.findall(path.read_text("utf-8"))}
    assert len(named) > 20
    assert named - drawn == set()


def test_words_for_an_enumeration_name_every_member(app: Flask) -> None:
    """Its control: a table that lacks one member is found."""
    kinds = enumerations()
    tables = {
        f"{module.__name__}.{name}": (name, value)
        for module in loaded()
        for name, value in vars(module).items()
        if isinstance(value, dict) and value and all(map(is_sentence, value.values()))
    }
    assert len(tables) > 10
    wrong = {place: missing for place, (name, table) in tables.items() if (missing := incomplete(name, table, kinds))}
    assert wrong == {}
    planted = StrEnum("planted", ["SHELL", "FEATHER", "STONE"])
    assert incomplete("WORDS", {"shell": "", "stone": ""}, {planted}) == {"feather"}


def test_every_page_is_walked_by_a_browser() -> None:
    """Only pages without a part that varies: the others are found by following links."""
    walked = "\n".join(path.read_text("utf-8") for path in sources("tests/browser"))
    guarded = [line.split(maxsplit=3) for line in routes.LIST.read_text("utf-8").splitlines()]
    pages = {
        address
        for address, methods, _endpoint, guard in guarded
        if "GET" in methods and "<" not in address and guard not in NO_PAGES and not NO_PAGE.search(address)
    }
    assert len(pages) > 60
    assert {page for page in pages if not re.search(rf"""["'}}]{re.escape(page)}["'?]""", walked)} == set()


def reach_modules() -> set[str]:
    """The modules that `wsgi` imports, and those that these import, with the packages in which they lie."""
    every = architecture.list_modules()
    below: dict[str, set[str]] = {}
    for importer, imported in architecture.list_imports({**every, "wsgi": ROOT / "wsgi.py"}):
        below.setdefault(importer, set()).add(imported)
    reached, open_ends = set(), ["wsgi"]
    while open_ends:
        name = open_ends.pop()
        if name not in reached:
            reached.add(name)
            open_ends += [*below.get(name, ()), *([name.rpartition(".")[0]] if "." in name else [])]
    return reached


def test_every_module_is_wired_in() -> None:
    """A page, a job or a table whose module nobody imports is not there, and nothing else says so."""
    assert set(architecture.list_modules()) - reach_modules() == set(FOR_OTHERS)


def test_jobs_are_named_after_their_package(app: Flask) -> None:
    """Names of waiting jobs outlive a release: they are found by them."""
    tasks = [(function.__module__.split(".")[0], task.name) for function, task in jobs._tasks.items()]
    known = [(package, name) for package, name in tasks if package != "tests"]
    assert len(known) > 15
    assert [name for package, name in known if not name.startswith(f"{package}.")] == []


def test_every_posting_has_its_sentence_and_its_proof(context: Flask) -> None:
    """Of every kind that a rule of the database knows; what has no rule cannot be posted."""
    rules = session.execute(sa.text("SELECT kind, source, is_posted_by_paper FROM posting_rule")).all()
    rules = [rule for rule in rules if rule.source != "lines of tests"]
    assert {f"voucher.{kind}" for kind in BOOKED} == {r.kind for r in rules if not r.is_posted_by_paper}
    assert [rule.kind for rule in rules if rule.kind not in explaining._templates] == []
    proven = " ".join(query.sql for query in proof.list_queries())
    for rule in rules:
        assert (f"FROM {rule.source}() w" if rule.is_posted_by_paper else f"'{rule.kind}'") in proven, rule.kind


def test_every_posting_occurs_on_the_pages_of_money_paths(context: Flask) -> None:
    """The pages themselves are compared with what is played: tests/database/accounts, `make accounts`."""
    rules = session.execute(sa.text("SELECT kind FROM posting_rule WHERE source <> 'lines of tests'")).scalars()
    paths = (ROOT / "docs" / "accounts.md").read_text("utf-8")
    assert [kind for kind in rules if f"| `{kind}` |" not in paths] == []


@pytest.fixture(scope="module")
def texts_of_tests() -> str:
    return "\n".join(path.read_text("utf-8") for path in sources("tests"))


def test_every_query_of_the_proof_is_shown_to_find_something(app: Flask, texts_of_tests: str) -> None:
    assert [query.code for query in proof.list_queries() if f'"{query.code}"' not in texts_of_tests] == []
