"""A change to the books waits here for people."""
