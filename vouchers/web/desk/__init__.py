"""The retailer's desk: tills, people at the tills, what was redeemed."""
