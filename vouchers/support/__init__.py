"""Support: finding a voucher for somebody who asks, without seeing what it is redeemed with. Every look is noted."""
