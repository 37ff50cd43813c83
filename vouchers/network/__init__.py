"""Issuers, charters, agreements with shops and between issuers, and the gate before the first sale.

Imports `vouchers.stored_value.models` and `vouchers.approvals`; selling, issuing and the office's pages import it.
"""
