"""The regional voucher: programmes, issuing, redeeming at the till, statistics. Never imports marketplace."""
