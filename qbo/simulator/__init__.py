"""A small stateful QuickBooks company server, spoken to over HTTP only."""
