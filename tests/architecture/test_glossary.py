"""The glossary and the code say the same words."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.architecture.test_house import modules, tree

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def read_words() -> list[str]:
    """Every word of the column *Code*; a dash stands where people have a word and the code has none."""
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    cells = [row[0] for row in ROW.findall(text) if row[0] not in {"Code", "---", "–"}]
    return [word.strip(" `") for cell in cells for word in cell.split(",")]


def parts_of(name: str) -> set[str]:
    """The words inside an identifier, and the identifier as words."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().strip("_").split("_")
    return {" ".join(spaced[i:j]) for i in range(len(spaced)) for j in range(i + 1, len(spaced) + 1)}


def words_of_the_code() -> set[str]:
    """Every word that modules, classes, functions, parameters, fields, tables and string keys use."""
    found: set[str] = set()
    for path in modules():
        for part in path.relative_to(ROOT).with_suffix("").parts:
            found |= parts_of(part)
        for node in ast.walk(tree(path)):
            name = getattr(node, "name", None) or getattr(node, "arg", None) or getattr(node, "id", None)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z_]+", node.value):
                name = node.value
            if isinstance(name, str):
                found |= parts_of(name)
    return found


def is_in(word: str, known: set[str]) -> bool:
    """Whether the code has the word, in the singular or the plural."""
    plain = word.lower().replace("-", " ").replace("_", " ")
    return any(form in known for form in (plain, f"{plain}s", plain.removesuffix("s")))


def test_the_code_has_every_word_of_the_glossary() -> None:
    known = words_of_the_code()
    assert [word for word in read_words() if not is_in(word, known)] == []


def test_a_thing_has_one_row() -> None:
    assert [word for word, number in Counter(read_words()).items() if number > 1] == []


def test_a_word_that_the_code_has_not_would_be_found() -> None:
    assert not is_in("coupon clipper", words_of_the_code())
