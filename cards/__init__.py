"""How things look: one neutral card and its renderings."""
