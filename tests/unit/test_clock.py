"""The clock of the suite stands (decision 0008)."""

import os
from datetime import datetime, timedelta

from foundation import clock


def test_the_clock_stands_at_the_runs_beginning() -> None:
    moment = datetime.fromisoformat(os.environ["SUITE_MOMENT"])
    assert moment <= clock.now() < clock.now() < moment + timedelta(minutes=1)


def test_it_stands_elsewhere_inside_a_block() -> None:
    later = clock.now() + timedelta(days=1)
    with clock.at(later):
        assert clock.now() == later
    assert clock.now() < later
