"""The Stripe stand-in against the official client."""
