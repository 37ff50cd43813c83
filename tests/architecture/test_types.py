"""The type checker sees the columns of tables."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RIGHT = (
    "import sqlalchemy as sa\nfrom people.models import Outlet\nquery = sa.select(Outlet.slug).where(Outlet.active)\n"
)


@pytest.mark.parametrize(("planted", "is_found"), [("Outlet.slug", False), ("Outlet.slugg", True)])
def test_a_misspelled_column_fails_the_check(planted: str, is_found: bool, tmp_path: Path) -> None:
    module = tmp_path / "planted.py"
    module.write_text(RIGHT.replace("Outlet.slug", planted), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(module)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode != 0) == is_found, done.stdout
    assert ('has no attribute "slugg"' in done.stdout) == is_found
