"""Passes for the wallets of Apple and Google, made for who shows a voucher. May import vouchers, money, people.

Decision 0316.
"""
