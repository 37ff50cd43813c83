"""Stock cards: printed in batches, worth nothing until a counter sells them. May import vouchers, money, people.

Decision 0315.
"""
