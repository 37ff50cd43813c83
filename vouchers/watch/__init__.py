"""What is watched: hurry at tills and in shops, buyers, dealing with oneself, new shops. Cases that a person decides.

Reads sales and operations, writes cases, holds on payouts and pauses of tills. Sees no codes, tokens or PINs.
"""
