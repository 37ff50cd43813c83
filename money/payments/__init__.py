"""Payments: several tenders, one decision, every call to a provider a committed row first.

May import the ledger, the methods' registry, the provider's gateway, people and foundation.
"""
