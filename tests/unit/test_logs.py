"""Where logs go: standard output belongs to what a command answers."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = "import structlog; from foundation import logs; logs.plug(); structlog.get_logger().info('noted', who='till')"
NEEDED = {"SECRET_KEY": "s" * 32, "CODE_PEPPER": "p" * 32, "DATABASE_URL": "postgresql://nobody@localhost/nothing"}


def test_an_event_is_one_line_of_json_on_standard_error() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], cwd=ROOT, env=NEEDED, check=True, capture_output=True)
    assert ran.stdout == b""
    (line,) = ran.stderr.splitlines()
    noted = json.loads(line)
    assert (noted["event"], noted["level"], noted["who"]) == ("noted", "info", "till")
