"""Invented values behind the sample cards."""
