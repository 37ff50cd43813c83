"""A shop's own product list comes in: WooCommerce's CSV export, previewed by line, then taken over or left alone.

reading: a file becomes rows. woocommerce: a row becomes what it says. planning: what would happen. applying: it does.
"""
