"""From a basket to orders and their payment: where and when, vouchers, placing, and what follows from the money."""
