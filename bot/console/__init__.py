"""The embedded console: the third platform, and the admin's pages."""
