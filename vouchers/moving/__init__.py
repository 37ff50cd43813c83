"""Moving: import vouchers of another system; export an issuer with all that is its own, and restore it elsewhere.

Decision 0317.
"""
