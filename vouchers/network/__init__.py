"""The network: issuers, charters, agreements with shops and between issuers, and the gate before the first sale.

May import the stored value and the approvals. Decision 0307.
"""
