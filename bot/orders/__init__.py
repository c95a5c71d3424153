"""What people order of Countersign itself, in words that no grammar guesses at."""
