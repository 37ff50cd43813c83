"""Pages for retailers: their orders and their offers."""
