"""Words become an interpretation: names, dates, money, the grammar, follow-ups."""
