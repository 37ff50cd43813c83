"""Moving: vouchers of another system come in; an issuer goes out with all that is its own, and in elsewhere."""
