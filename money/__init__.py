"""The payment and accounting core that vouchers and marketplace share. May import people and foundation only."""
