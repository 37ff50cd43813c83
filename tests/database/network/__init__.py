"""Charters, agreements, limits, the launch gate, and what issuers owe each other."""
