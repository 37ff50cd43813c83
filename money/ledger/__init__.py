"""The double-entry ledger: the only writer of entries, the sealer, the proof of the books."""
