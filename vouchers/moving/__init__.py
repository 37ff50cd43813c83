"""Moving in and out: vouchers of another system come in, an issuer with everything that is its own goes out and in again."""
