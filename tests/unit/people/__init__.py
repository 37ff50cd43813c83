"""Towns, hours, persons: what needs no database."""
