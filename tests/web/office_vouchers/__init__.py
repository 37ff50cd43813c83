"""The issuer's office and the shop's desk: networks, agreements, accounts."""
