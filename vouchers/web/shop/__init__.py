"""The voucher shop: choose, say for whom, check, pay; lists of recipients; the buyer's order. No account is needed."""
