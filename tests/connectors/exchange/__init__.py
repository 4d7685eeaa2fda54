"""Exports of an exchange."""
