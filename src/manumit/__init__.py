"""manumit watches money and adverts for published signs of human trafficking."""

__version__ = "0.1.0"
