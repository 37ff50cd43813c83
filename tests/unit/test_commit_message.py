"""A large commit says why."""

import pytest

from scripts.commit_message import count_changed, find_fault


def test_changed_lines_are_insertions_and_deletions() -> None:
    assert count_changed(" 3 files changed, 120 insertions(+), 90 deletions(-)") == 210
    assert count_changed(" 1 file changed, 1 insertion(+)") == 1
    assert count_changed("") == 0


@pytest.mark.parametrize(
    ("message", "lines", "is_good"),
    [
        ("Do it\n", 200, True),
        ("Do it\n", 201, False),
        ("Do it\n\n# a comment of git\n", 201, False),
        ("Do it\n\nIt was wrong because.\n", 5000, True),
        ("Do it\nat once\n", 1, False),
        ("\n", 1, False),
    ],
)
def test_only_small_commits_go_without_a_body(message: str, lines: int, is_good: bool) -> None:
    assert (find_fault(message, lines) is None) == is_good
