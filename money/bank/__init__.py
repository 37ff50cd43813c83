"""Money that comes and goes by bank transfer: accounts, references, receipts, what is given back.

May import the ledger, the payments, the dated values of law, people and foundation.
"""
