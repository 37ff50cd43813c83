"""Checkouts here may be paid at the stand-in."""

from tests.builders.standin import standin, stripe

__all__ = ["standin", "stripe"]
