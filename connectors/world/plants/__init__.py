"""The planted typologies: one file each, one function `plant(draft, dice, case)`."""
