"""Pages for shoppers: finding, basket, checkout."""
