"""What `docs/shown.md` names exists: files, and the tests in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
NAMED = re.compile(r"`((?:architecture|unit|database|web|browser)/[\w/.]*?)(?:::(test_\w+))?`")


def test_every_named_file_and_test_exists() -> None:
    wrong = []
    text = (ROOT / "docs" / "shown.md").read_text(encoding="utf-8")
    found = NAMED.findall(text)
    for file, test in found:
        path = TESTS / file
        if not path.exists() or (test and f"def {test}(" not in path.read_text(encoding="utf-8")):
            wrong.append(f"{file} {test}".strip())
    assert wrong == []
    assert len(found) > 60


def test_every_test_named_alone_exists_somewhere() -> None:
    text = (ROOT / "docs" / "shown.md").read_text(encoding="utf-8")
    sources = "\n".join(p.read_text(encoding="utf-8") for p in TESTS.rglob("test_*.py"))
    missing = [name for name in re.findall(r"`(test_[a-z0-9_]+)`", text) if f"def {name}(" not in sources]
    assert missing == []
