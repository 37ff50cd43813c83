"""SQL text is readable: one function a file, named as the file, short lines, named arguments. Decision 0107."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from foundation.schema import FUNCTION, PACKAGES, ROOT, functions, sql_files

MAX_LINE_CHARACTERS = 120
MAX_POSITIONAL_ARGUMENTS = 4
CREATED = re.compile(r"^CREATE OR REPLACE (?:FUNCTION|VIEW) (\w+)", re.MULTILINE)


def arguments(text: str, start: int) -> list[str]:
    """The arguments of the call whose bracket opens just before `start`."""
    found, depth, begin, quoted = [], 0, start, False
    for place in range(start, len(text)):
        sign = text[place]
        if sign == "'":
            quoted = not quoted
        elif not quoted and sign in "([":
            depth += 1
        elif not quoted and depth and sign in ")]":
            depth -= 1
        elif not quoted and not depth and sign in ",)":
            found.append(text[begin:place].strip())
            begin = place + 1
            if sign == ")":
                break
    return [argument for argument in found if argument]


@cache
def calls_of_ours() -> re.Pattern[str]:
    """The opening of a call of any function of ours."""
    return re.compile(rf"\b({'|'.join(functions() | functions(schema='practice'))})\(")


def positional(text: str) -> list[str]:
    """Calls of our own functions with more arguments by position than a reader can tell apart."""
    body = re.sub(r"--[^\n]*", "", text)
    body = FUNCTION.sub("CREATE OR REPLACE", body)
    calls = calls_of_ours().finditer(body)
    return [
        call[1]
        for call in calls
        if sum("=>" not in argument for argument in arguments(body, call.end())) > MAX_POSITIONAL_ARGUMENTS
    ]


def statements(path: Path) -> Iterator[str]:
    """The string constants of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_a_file_has_one_function_and_its_name() -> None:
    files = sql_files()
    assert len(files) > 50
    for file in files:
        assert CREATED.findall(file.read_text(encoding="utf-8")) == [file.stem], file


def test_each_function_says_what_it_does() -> None:
    for file in sql_files():
        assert file.read_text(encoding="utf-8").startswith("-- "), file


def test_lines_are_short_and_names_do_not_collide() -> None:
    for file in sql_files():
        text = file.read_text(encoding="utf-8")
        assert "#variable_conflict" not in text, file
        long = [n for n, line in enumerate(text.splitlines(), 1) if len(line) > MAX_LINE_CHARACTERS]
        assert long == [], file


def test_arguments_have_names_from_the_fifth_on() -> None:
    wrong = {file.stem: calls for file in sql_files() if (calls := positional(file.read_text(encoding="utf-8")))}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            calls = [call for text in statements(path) for call in positional(text)]
            wrong |= {str(path.relative_to(ROOT)): calls} if calls else {}
    assert wrong == {}


def test_a_till_is_known_in_the_same_way_for_redeeming_and_for_holding() -> None:
    """The two open alike, in two texts: a function between them would cost every redemption."""
    opening = re.compile(r"  -- Who asks\?\n.*?p_at\);\n  END IF;\n", re.DOTALL)
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sql_files()}
    redeem, hold = (opening.search(texts[name]) for name in ("voucher_redeem", "voucher_till_hold"))
    assert redeem
    assert hold
    assert len(redeem[0].splitlines()) > 25
    assert redeem[0].replace("'redeem'", "'hold'") == hold[0]


def test_calls_by_position_are_seen() -> None:
    assert positional("PERFORM ledger_queue(a, 'x, (y', f(1, 2, 3, 4, 5));") == []
    assert positional("PERFORM ledger_post(a, b, c, d, e);") == ["ledger_post"]
    assert positional("SELECT ledger_post(a, b, c, d, p_kind => f(1, 2))") == []
