"""Every test here may talk to the stand-in."""

from tests.builders.standin import alone, standin, stripe

__all__ = ["alone", "standin", "stripe"]
