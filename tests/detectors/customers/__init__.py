"""The customer engine."""
