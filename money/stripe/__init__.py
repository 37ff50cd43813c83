"""The gateway to Stripe: the only importer of the package `stripe`. Knows requests and objects, no database.

May import foundation only.
"""
