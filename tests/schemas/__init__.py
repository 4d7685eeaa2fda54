"""The nouns: their forms, their tables, the red-flag catalogue."""
