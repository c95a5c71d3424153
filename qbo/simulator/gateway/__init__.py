"""What the gateway knows: apps, tokens, limits, faults on order."""
