"""Where people and programs meet."""
