"""The marketplace: shops, offers, one basket over many shops, pick-up. Never imports vouchers."""
