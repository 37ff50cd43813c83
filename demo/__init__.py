"""What `make demo` adds: shops, artwork, launcher, Stripe stand-in. The application never imports it."""
