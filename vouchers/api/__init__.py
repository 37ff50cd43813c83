"""What machines see of the voucher service."""
