"""The end of each day: closed when bank and provider agree with the books; a difference has an owner until it ends."""
