"""Where companies come from: their lists, and the stories told about them."""
