"""The declarations `schemas.topic` reads."""
