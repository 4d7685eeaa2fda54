"""Near-duplicate adverts as a stream, and who posts them where."""
