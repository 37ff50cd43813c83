"""States, kinds and outcomes stand as enumerations; SQL text compares with members of them and with no other word."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pytest
from flask import Flask

from foundation.schema import sql_files
from money.ledger import explaining
from tests.architecture.test_house import modules, name_of, tree

# What a column of this name holds: members of the enumerations whose names end so.
ENUMERATIONS = {
    "state": "State",
    "status": "Status",
    "kind": "Kind",
    "outcome": "Outcome",
    "verb": "OperationKind",
    "rail": "Rail",
    "place": "Place",
    "purpose": "Purpose",
    "delivery": "Delivery",
}
FOREIGN = {"status": {"todo"}}  # procrastinate's own word for a job that waits
WORD = r"'([^']*)'(?!\s*\|\|)"
COMPARED = re.compile(
    rf"\b(?:\w+_)?({'|'.join(ENUMERATIONS)})\s*(?:=|<>|!=|(?:NOT )?IN|IS (?:NOT )?DISTINCT FROM)\s*"
    rf"(\(?\s*{WORD}(?:\s*,\s*{WORD})*)"
)


@cache
def members() -> dict[str, set[str]]:
    """The words of each enumeration of the application."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ClassDef) and "StrEnum" in {ast.unparse(base) for base in node.bases}:
                values = [part.value for part in node.body if isinstance(part, ast.Assign)]
                found[node.name] |= {str(value.value) for value in values if isinstance(value, ast.Constant)}
    return found


@cache
def known(column: str) -> set[str]:
    """What a column of this name may hold; entries of the books also have the kinds that explain themselves."""
    words = {w for name, values in members().items() if name.endswith(ENUMERATIONS[column]) for w in values}
    return words | FOREIGN.get(column, set()) | (set(explaining._templates) if column == "kind" else set())


def statements() -> Iterator[tuple[str, str]]:
    """(place, text) of every file of SQL and every text within Python."""
    for file in sql_files():
        yield file.name, file.read_text(encoding="utf-8")
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{name_of(path)}:{node.lineno}", node.value


def unknown(text: str) -> list[str]:
    """What the text compares a state, kind or outcome with although no enumeration has the word."""
    return [
        f"{match[1]} {word}"
        for match in COMPARED.finditer(text)
        for word in re.findall(WORD, match[2])
        if word not in known(match[1])
    ]


def test_sql_compares_states_with_members_of_an_enumeration(app: Flask) -> None:
    compared = [place for place, text in statements() if COMPARED.search(text)]
    assert len(compared) > 60
    assert {place: wrong for place, text in statements() if (wrong := unknown(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "UPDATE voucher SET state = 'blokked'",
        "WHERE o.kind IN ('void', 'refundd')",
        "IF v_state NOT IN ('active', 'gone') THEN",
        "IF OLD.outcome IS DISTINCT FROM 'did' THEN",
        "CASE WHEN p_verb = 'blocked' THEN",
        "e.kind = 'voucher.redeemed'",
    ],
)
def test_a_planted_word_is_found(app: Flask, text: str) -> None:
    assert len(unknown(text)) == 1
