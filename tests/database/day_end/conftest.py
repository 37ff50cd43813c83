"""Every test here knows the test things."""

import pytest
from flask import Flask

from tests.builders import payments


@pytest.fixture(autouse=True)
def _ready(context: Flask) -> None:
    """The things and methods are registered."""
    payments.prepare()
