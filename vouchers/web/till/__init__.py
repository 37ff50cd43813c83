"""The till page: a phone or tablet that a shop enrolled."""
