"""Refuses a large commit that does not say why: `python -m scripts.commit_message FILE`, called by the commit-msg hook.

More than 200 changed lines need a body: what was wrong, why this way, which decision. Moves and vendored or generated
files count as git counts them.
"""

import re
import subprocess
import sys
from pathlib import Path

MAX_LINES_WITHOUT_BODY = 200


def count_changed(shortstat: str) -> int:
    """Add up insertions and deletions of a line of `git diff --shortstat`."""
    return sum(int(number) for number in re.findall(r"(\d+) (?:insertion|deletion)", shortstat))


def find_fault(message: str, changed_lines: int) -> str | None:
    """Say what is wrong with a message for a commit of this size, or nothing."""
    lines = [line for line in message.splitlines() if not line.startswith("#")]
    if not lines or not lines[0].strip():
        return "The first line says in the imperative what the commit does."
    if len(lines) > 1 and lines[1].strip():
        return "The second line stays empty."
    body = " ".join(line for line in lines[2:] if line.strip())
    if changed_lines > MAX_LINES_WITHOUT_BODY and not body:
        return f"{changed_lines} changed lines need a body: what was wrong, why this way, which decision."
    return None


def main() -> None:
    """Check the message in the file that git names."""
    message = Path(sys.argv[1]).read_text(encoding="utf-8")
    command = ["git", "diff", "--cached", "--shortstat", "-M"]
    shortstat = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    if fault := find_fault(message, count_changed(shortstat)):
        sys.exit(fault)


if __name__ == "__main__":
    main()
