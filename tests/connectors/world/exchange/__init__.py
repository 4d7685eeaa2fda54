"""The generated exchange."""
