"""Values to QuickBooks JSON and back; pure: nothing here waits for anything."""
