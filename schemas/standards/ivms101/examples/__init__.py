"""Messages between invented people and invented providers."""
