"""Adjustments: value that staff create by hand, each with its reason and a second person's agreement.

May import approvals, the network and the stored value. Decision 0308.
"""
