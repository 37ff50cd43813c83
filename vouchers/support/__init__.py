"""Support: find a voucher for somebody who asks, without seeing what it is redeemed with. Every lookup is a row.

Reads purchases and the stored value; writes lookups alone. Decision 0309.
"""
