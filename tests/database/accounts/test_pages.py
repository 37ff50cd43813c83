"""docs/accounts/ holds a page for each money path, made by playing it: `make accounts` writes them anew."""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from demo.stripe_standin.testing import running
from foundation.config import settings
from foundation.database import autocommit_engine, db, session
from money.ledger import sealing
from scripts import account_pages
from scripts.account_pages import MoneyPath
from tests.builders import payments
from tests.builders.booking import findings
from tests.builders.standin import tell_seconds
from tests.conftest import application, copy
from tests.database.accounts import bank_paths, buying, losing, provider_lines, shops, spending, stage, value
from tests.database.moving.test_going_out import another_house

# The order in which they are listed.
PLAYED = (buying, spending, value, losing, bank_paths, shops, provider_lines)
OF_TESTS = "lines of tests"


@pytest.fixture(scope="module")
def paths(
    server_url: str, template: str, app: Flask, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[MoneyPath]]:
    """All paths, played one after the other in one database of their own, whose books are proven at the end."""
    shared, patch = os.environ["DATABASE_URL"], pytest.MonkeyPatch()
    with copy(server_url, template) as url:
        made = application(url)

        def hook(body: bytes, headers: dict[str, str]) -> int:
            return made.test_client().post("/hooks/stripe", data=body, headers=headers).status_code

        with made.app_context(), running(hook, "whsec_suite", clock=tell_seconds) as stripe:
            patch.setenv("STRIPE_API_BASE", stripe.base)
            settings.cache_clear()
            payments.prepare()
            folder = tmp_path_factory.mktemp("accounts")
            yield [
                stage.perform(play, stage.Stage(stripe, folder, lambda: another_house(server_url, template)))
                for module in PLAYED
                for play in stage.PLAYS
                if play.act.__module__ == module.__name__
            ]
            sealing.seal_all()
            assert findings() == []
            session.remove()
            db.engine.dispose()
            autocommit_engine().dispose()
    patch.undo()
    os.environ["DATABASE_URL"] = shared
    settings.cache_clear()


def test_the_pages_say_what_is_booked(paths: list[MoneyPath]) -> None:
    files = account_pages.build(paths)
    if os.environ.get("WRITE_ACCOUNTS"):
        account_pages.write(files)
    stale = [path.name for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]
    assert stale == [], "run `make accounts` and look at the difference"
    assert set(account_pages.FOLDER.iterdir()) == set(files) - {account_pages.INDEX}


def test_every_kind_of_entry_occurs_in_a_path(paths: list[MoneyPath]) -> None:
    query = sa.text("SELECT kind FROM posting_rule WHERE source <> :of_tests")
    rules = set(session.scalars(query, {"of_tests": OF_TESTS}))
    session.commit()
    assert rules - {kind for path in paths for kind in path.kinds} == set()


def test_a_cent_more_or_another_account_would_be_seen(paths: list[MoneyPath]) -> None:
    path = paths[0]
    step = path.steps[0]
    line = step.lines[0]
    for other in (replace(line, cents=line.cents + 1), replace(line, debit=line.credit, credit=line.debit)):
        changed = replace(path, steps=(replace(step, lines=(other, *step.lines[1:])), *path.steps[1:]))
        assert account_pages.write_page(changed) != account_pages.write_page(path)
        picture = account_pages.FOLDER / f"{path.key}.svg"
        assert account_pages.build([changed])[picture] != account_pages.build([path])[picture]
