"""Pages of holders: a voucher by its link or code, the wallet, its telephone, the finder, proof by mail."""
