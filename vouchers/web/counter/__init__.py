"""The counter's pages: sell a card, receive cards, see what is open. For clerks of town halls and banks."""
