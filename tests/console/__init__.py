"""The console, over a real embedded store."""
