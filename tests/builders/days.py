"""Days that are over, with seals, roots and vouchers whose value is in them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from foundation.config import settings
from foundation.database import session
from money.ledger import sealing
from tests.builders import forging
from tests.builders import vouchers as build
from tests.builders.ledger import reseal, tampering
from vouchers.stored_value.issuing import Issued


def finish_days(days: int, vouchers: int = 5) -> list[Issued]:
    """Issue vouchers, some days ago as far as the seals know, and close those days."""
    programme = build.programme()
    given = [build.voucher(programme.id, 20_00 + number) for number in range(vouchers)]
    session.commit()
    sealing.seal_all()
    with tampering() as owner:
        forging.past_days(owner, days)
        reseal(owner)
    assert sealing.close_days() == days
    sealing.seal_all()
    return given


@contextmanager
def setting(monkeypatch: pytest.MonkeyPatch, **values: object) -> Iterator[None]:
    """Other settings for a while."""
    with monkeypatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name.upper(), str(value))
        settings.cache_clear()
        yield
    settings.cache_clear()
