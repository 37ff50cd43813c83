"""Where and when goods change hands: shops, pick-up points, their windows and places in them."""
