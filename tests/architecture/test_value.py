"""Nobody makes value alone: every place that makes value, or ends it, is known here, with who stands for it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("foundation", "people", "money", "vouchers", "marketplace")
MAKING = {"issue", "issue_many", "issue_known", "load"}
ENDING = {"charge_back", "lapse", "reduce", "reinstate", "withdraw"}
# A new line here is a decision: who pays for the value, and which second person or payment stands for it?
KNOWN = {
    "vouchers/cards/selling.py": {
        "issue_known": "a counter within its credit line owes the money (SF); the stock was made by two",
        "withdraw": "the counter takes its own sale back the same day",
    },
    "vouchers/commands.py": {"issue_many": "two persons are named, out of a receipt of the bank (KZ)"},
    "vouchers/adjustments/goodwill.py": {"load": "two people, covered by own funds", "reduce": "two people"},
    "vouchers/adjustments/manual_issue.py": {"issue": "two people, out of a receipt of the bank (KZ)"},
    "vouchers/lapsing/running.py": {"lapse": "two people, after the legal end"},
    "vouchers/lapsing/undoing.py": {"load": "two people, covered by own funds"},
    "vouchers/moving/import_vouchers.py": {
        "issue_known": "two persons are named, out of the receipt that moves in with it (KZ)"
    },
    "vouchers/sales/losing.py": {
        "charge_back": "the payer's bank took the money back",
        "reinstate": "and returned it: what was taken out before, once",
    },
    "vouchers/sales/payable.py": {"issue": "the buyer's payment is there (KZ)"},
    "vouchers/sales/giving_back.py": {
        "withdraw": "the buyer's right to withdraw; the money goes back the way it came",
        "reduce": "a bonus goes back to its campaign when the purchase that earned it is withdrawn",
    },
}
FUNCTIONS = {
    "voucher_charge_back": "vouchers/stored_value/deductions.py",
    "voucher_reinstate": "vouchers/stored_value/deductions.py",
    "voucher_issue": "vouchers/stored_value/issuing.py",
    "voucher_lapse": "vouchers/stored_value/deductions.py",
    "voucher_reduce": "vouchers/stored_value/deductions.py",
    "voucher_withdraw": "vouchers/stored_value/deductions.py",
}


def sources() -> dict[str, str]:
    """Every module of the application by name."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "__pycache__" not in path.parts:
                found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    return found


def called(text: str) -> set[str]:
    """Which of the verbs a module calls, however it imported them."""
    tree = ast.parse(text)
    names: dict[str, str] = {}
    rooms: dict[str, set[str]] = {"issuing": MAKING, "deductions": ENDING}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (
                    node.module in {"vouchers.stored_value.issuing", "vouchers.stored_value.deductions"}
                    and alias.name in MAKING | ENDING
                ):
                    names[alias.asname or alias.name] = alias.name
                if node.module == "vouchers.stored_value" and alias.name in rooms and alias.asname:
                    rooms[alias.asname] = rooms[alias.name]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found |= {node.attr} & rooms.get(node.value.id, set())
        if isinstance(node, ast.Name) and node.id in names:
            found.add(names[node.id])
    return found


def test_every_place_that_makes_or_ends_value_is_known() -> None:
    found = {
        name: called(text)
        for name, text in sources().items()
        if name not in {"vouchers/stored_value/issuing.py", "vouchers/stored_value/deductions.py"}
    }
    assert {name: verbs for name, verbs in found.items() if verbs} == {
        name: set(reasons) for name, reasons in KNOWN.items()
    }


def test_the_functions_that_write_value_are_called_from_one_place_each() -> None:
    for function, place in FUNCTIONS.items():  # in the schema `practice` the same name posts nothing (0313)
        users = {name for name, text in sources().items() if re.search(rf"(?<!practice\.)\b{function}\s*\(", text)}
        assert users == {place}


def test_nothing_but_the_functions_posts_on_the_accounts_of_vouchers() -> None:
    posted = re.compile(r"""Line\([^)]*["']V[LBEH]["']""")
    assert [name for name, text in sources().items() if posted.search(text)] == []


def test_the_search_sees_every_way_of_calling() -> None:
    assert called("from vouchers.stored_value import issuing\nissuing.load(1)") == {"load"}
    assert called("from vouchers.stored_value import issuing as i\nact = i.issue\nact()") == {"issue"}
    assert called("from vouchers.stored_value.issuing import issue_many as many\nmany()") == {"issue_many"}
    assert called("from vouchers.stored_value import deductions\ndeductions.merge(1)") == set()
