"""Only a method's own module knows its key: nobody else compares methods (decision 0206)."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from money.payments import methods
from money.payments.payables import Traits
from tests.architecture.test_house import PACKAGES, ROOT, name_of, sources, tree

OWN = {
    "card": "money/methods/card.py",
    "sepa_debit": "money/methods/sepa_debit.py",
    "transfer": "money/methods/transfer.py",
    "pickup": "money/methods/pickup.py",
    "voucher": "vouchers/stored_value/payment_method.py",
}
# Words that are nothing else than a method's key anywhere in the application.
UNMISTAKABLE = ("sepa_debit", "transfer")
METHOD_CALLS = {"of", "find_offer", "start", "label_of", "texts_of", "is_external", "TenderRequest", "MethodOffer"}


def test_the_list_is_of_all_methods(app: Flask) -> None:
    known = {**methods._internal, **methods._external}
    assert {key for key in known if not key.startswith("test_")} == set(OWN)
    for method in known.values():
        assert isinstance(method.traits, Traits)


@pytest.mark.parametrize("key", UNMISTAKABLE)
def test_a_key_stands_in_its_own_module_only(key: str) -> None:
    word = re.compile(rf"""["']{key}["']""")
    found = [name_of(path) for path in sources(*PACKAGES) if word.search(path.read_text("utf-8"))]
    assert found == [OWN[key]]


def test_nobody_compares_a_method_with_a_key() -> None:
    wrong = [f"{name_of(path)}:{line}" for path in sources(*PACKAGES) for line in _mentions(path)]
    assert wrong == []


def test_no_page_compares_a_method_with_a_key() -> None:
    keys = "|".join(OWN)
    compared = re.compile(rf"""(==|!=)\s*['"]({keys})['"]|['"]({keys})['"]\s*(==|!=)|equalto', '({keys})'""")
    pages = [path for path in (ROOT / "templates").rglob("*.html") if compared.search(path.read_text("utf-8"))]
    assert [name_of(path) for path in pages] == []


def test_the_check_finds_what_it_is_for(tmp_path: Path) -> None:
    for line in (
        'if tender.method == "card": pass',
        'x = tender.method in {"voucher", "pickup"}',
        'methods.of("voucher").offer(due)',
        'TenderRequest("card", 5)',
        'MethodOffer(method="pickup", label="x")',
        'KIND_OF = {"card": "card", "sepa": "sepa"}[offer.method]',
    ):
        planted = tmp_path / "planted.py"
        planted.write_text(line)
        assert _mentions(planted), line


def _mentions(path: Path) -> list[int]:
    """Lines on which a key meets a method: compared with, looked up by, or given as one."""
    found = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
            hit = any(_is_method(part) for part in parts) and any(_has_key(part) for part in parts)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [k.value for k in node.keywords if k.arg == "method"]
            hit = any(_has_key(k) for k in given) or (
                name in METHOD_CALLS
                and bool(node.args)
                and isinstance(node.args[0], ast.Constant)
                and _has_key(node.args[0])
            )
        elif isinstance(node, ast.Subscript):
            hit = _is_method(node.slice) and _has_key(node.value)
        else:
            continue
        if hit:
            found.append(node.lineno)
    return found


def _is_method(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "method") or (
        isinstance(node, ast.Name) and node.id == "method"
    )


def _has_key(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value in OWN for part in ast.walk(node))
