"""Stored value, the ground floor of vouchers: what a voucher is worth, its codes, and every operation that changes it.

May import money, people and foundation, and nothing else of vouchers. Decision 0301.
"""
