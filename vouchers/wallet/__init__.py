"""What holders do with their vouchers: wallet, rotating code, claim, pass on, renew, remind. Stands on issuing.

Decision 0312.
"""
