"""What these tests share."""

from tests.console.conftest import browser

__all__ = ["browser"]
