"""Practice: vouchers, tokens and acts that look like real ones and can never post. It may import no ledger."""
