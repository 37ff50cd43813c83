"""Some tests here pay with a card at the stand-in."""

from tests.builders.standin import standin, stripe

__all__ = ["standin", "stripe"]
