"""Says that records came too late to be judged: how many, why, and what to do about it."""

from __future__ import annotations

from manumit.commands.terminal import say, when
from manumit.streams.runner import Totals


class Lateness:
    """`resumed_us`: up to when an earlier run has judged, as `Runner.resumed_us`. Speaks twice at most."""

    def __init__(self, resumed_us: int | None) -> None:
        self._resumed_us = resumed_us
        self._warned = False

    def watch(self, totals: Totals) -> None:
        """At the first one, so that a long reading in vain can be stopped."""
        if totals.late and not self._warned:
            self._warned = True
            say(f"warning: records {which(self._resumed_us, 2)} are coming in; no rule looks at them")

    def conclude(self, totals: Totals) -> None:
        """At the end, with the count and the remedy."""
        if totals.late:
            say(f"warning: {late_words(totals.late, self._resumed_us)}")


def which(resumed_us: int | None, count: int) -> str:
    """What is wrong with `count` late records."""
    if resumed_us is not None:
        return f"older than what this store has judged already (up to {when(resumed_us)} UTC)"
    return (
        "that stands behind newer ones of its own source"
        if count == 1
        else ("that stand behind newer ones of their own source")
    )


def late_words(late: int, resumed_us: int | None) -> str:
    """The whole sentence."""
    many = f"{late:,} record{'' if late == 1 else 's'} {which(resumed_us, late)}"
    kept = f"{'was' if late == 1 else 'were'} not judged and can be read with `manumit dead-letters --reason late`"
    if resumed_us is None:
        return f"{many} {kept}; sort the file by event time and read it again"
    return (
        f"{many} {kept}; to judge older and newer records, read them together: `manumit replay OLDER NEWER` leaves "
        "this store as it is, `manumit run OLDER NEWER` needs a fresh store_url and state_dir"
    )
