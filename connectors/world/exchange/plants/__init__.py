"""Planted typologies: one function an entry of the catalogue, each at varied strength."""
