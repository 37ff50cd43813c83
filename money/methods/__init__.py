"""How something can be paid: the registry of methods, and the methods that no trade owns (card, debit, at pick-up).

May import money.payments, people and foundation.
"""
