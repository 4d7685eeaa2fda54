"""The one error tree.

ManumitError
+-- ConfigError   the operator must change something; nothing was started
+-- BadRecord     one record is unusable: dead letter, go on
+-- EdgeDown      an edge is away: retry with backoff, nothing committed
+-- Broken        an invariant failed: stop before anything is acknowledged
"""

from __future__ import annotations


class ManumitError(Exception):
    """Root of every error manumit raises on purpose."""


class ConfigError(ManumitError):
    """A setting, file or argument is unusable; the message names it and the remedy."""


class BadRecord(ManumitError):
    """One record cannot be used. `reason` is a short word from `schemas.dead_letter.REASONS`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class EdgeDown(ManumitError):
    """A node, broker, store or site did not answer in time or refused for now."""


class Broken(ManumitError):
    """Something that can never be true is true; going on would lose or invent alerts."""
