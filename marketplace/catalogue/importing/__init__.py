"""Importing a shop's own product list: WooCommerce's CSV export, previewed by line, then applied or left alone.

reading: a file becomes rows. woocommerce: a row becomes what it says. planning: what would happen. applying: it does.
"""
