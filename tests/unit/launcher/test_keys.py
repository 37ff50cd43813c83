"""The demo's secrets."""

from pathlib import Path

import pytest

from demo.keys import keys
from demo.processes import Failed


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    made = keys(path, data_exist=False)
    assert keys(path, data_exist=True) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made["SECRET_KEY"]) >= 32
    assert len(made["CODE_PEPPER"]) >= 32
    assert len(set(made.values())) == len(made)


def test_a_database_without_its_secrets_is_not_opened_with_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "secrets.env"
    with pytest.raises(Failed, match=r"secrets.env is gone.*make demo RESET=1"):
        keys(path, data_exist=True)
    assert list(tmp_path.iterdir()) == []
