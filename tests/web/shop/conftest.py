"""Every test here may talk to the stand-in."""

from tests.builders.standin import standin, stripe

__all__ = ["standin", "stripe"]
