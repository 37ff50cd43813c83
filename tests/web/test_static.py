"""Static files as they are sent: style sheets minified, everything else as it lies there."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

STATIC = Path(__file__).parents[2] / "static"


def test_a_style_sheet_comes_minified_and_is_kept_for_a_year(client: FlaskClient) -> None:
    answer = client.get("/static/base/parts.css?v=1")
    written = (STATIC / "base/parts.css").read_bytes()
    assert len(answer.data) < 0.85 * len(written)
    assert answer.data.count(b"{") == written.count(b"{")
    assert answer.mimetype == "text/css"
    assert answer.cache_control.max_age == 365 * 86400
    again = client.get("/static/base/parts.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["base/absent.css", "../wsgi.css", "base/..%2f..%2fwsgi.css", "base"])
def test_what_is_no_sheet_of_ours_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_scripts_and_files_of_others_are_sent_as_they_are(client: FlaskClient) -> None:
    for path in [STATIC / "base/site.js", *STATIC.glob("vendor/**/*.css")]:
        with client.get(f"/static/{path.relative_to(STATIC).as_posix()}") as answer:
            assert answer.data == path.read_bytes()
