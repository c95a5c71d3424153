"""The chain of migrations; `bot/database.py` runs it."""
