"""The two web services of `docs/running.md`: the proxy sends to the tills' what tills ask for. Decision 0208."""

import re
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"  location ([^{]+?) \{ proxy_pass http://127\.0\.0\.1:8001; \}")


def locations() -> list[str]:
    return BLOCK.findall((ROOT / "docs" / "running.md").read_text(encoding="utf-8"))


def is_for_tills(address: str) -> bool:
    """As nginx does: `~` is a regular expression that is searched for."""
    return any(re.search(found.removeprefix("~ "), address) for found in locations())


def test_tills_have_a_service_and_nobody_else_has_it(app: Flask) -> None:
    assert all(found.startswith("~ ") for found in locations())
    tills = {r.rule for r in app.url_map.iter_rules() if is_for_tills(r.rule)}
    asked = {r.rule for r in app.url_map.iter_rules() if r.endpoint.startswith(("api.", "api_public.", "till"))}
    assert tills == asked
    assert {"/kasse", "/api/v1/redemptions"} <= tills
    assert not is_for_tills("/kassenzettel")
