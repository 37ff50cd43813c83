"""What the shops offer: goods and services, prices, stock on hand, search, import. May import shops and below."""
