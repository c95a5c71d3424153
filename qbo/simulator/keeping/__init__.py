"""Keeping everything in a folder, and bringing it back."""
