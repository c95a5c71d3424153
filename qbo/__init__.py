"""The books, and the way to them."""
