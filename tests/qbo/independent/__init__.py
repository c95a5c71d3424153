"""Each read of the contract beside numbers computed from QuickBooks' own records."""
