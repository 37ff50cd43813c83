"""Tills: enrolled devices and the people at them, redemptions with their receipts, and the log of both.

May import the stored value. Decision 0305.
"""
