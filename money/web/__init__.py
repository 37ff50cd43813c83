"""What a browser sees of this package."""
