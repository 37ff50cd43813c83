"""How many of an offer can still be sold, and which drafts and orders have pieces of it."""
