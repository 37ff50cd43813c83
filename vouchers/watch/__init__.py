"""The watch: velocity at tills and in shops, buyers, self-dealing, new shops. Rules open cases, a person decides.

Reads purchases and operations, writes cases, holds on payouts and pauses of tills. Sees no codes, tokens or PINs.
Decision 0309.
"""
