"""Selling vouchers to shoppers: the order, its payment, the delivery by mail, the papers. Stands on issuing.

Decision 0310.
"""
