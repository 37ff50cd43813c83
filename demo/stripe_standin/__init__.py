"""A small stateful server that behaves like Stripe, for demo and tests.

A program of its own: it never imports the application, and the application never imports it.
"""
