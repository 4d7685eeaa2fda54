"""A generated exchange: named innocent populations, planted typologies, account events day by day."""
