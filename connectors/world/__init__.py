"""A generated world: innocents and planted typologies with their truth. Every identifier is fictional."""
