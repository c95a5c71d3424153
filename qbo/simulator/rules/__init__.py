"""What QuickBooks demands of each write, works out, posts and tells."""
