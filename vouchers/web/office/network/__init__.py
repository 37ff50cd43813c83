"""The issuer's office: programmes and their launch gate, charters, agreements with shops and issuers, accounts."""
