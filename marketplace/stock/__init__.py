"""How many pieces of an offer can still be sold, and which baskets and orders have pieces of it. Decision 0501.

What was counted on the shelf is the catalogue's (`Stock`); here stand the claims on it.
"""
