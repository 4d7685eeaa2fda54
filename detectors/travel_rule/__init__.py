"""Judging a travel-rule message: what is missing, ill-formed or filler, by what the standard and a jurisdiction ask."""
