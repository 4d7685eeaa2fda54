"""A pipeline that sees more than it may speak of: its signals are those of its own subjects and detectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from manumit.detectors.live_episodes import Unsaid
from manumit.schemas.signal import Signal
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline


class Sharded(Pipeline):
    """`keeps` says which signals are all there is to their subject here; the others are another unit's."""

    def __init__(self, *given: Any, keeps: Callable[[Signal], bool], **named: Any) -> None:
        super().__init__(*given, **named)
        self._keeps = keeps

    def _signals(self, bundle: Bundle) -> list[Signal | Unsaid]:
        return [one for one in super()._signals(bundle) if not isinstance(one, Signal) or self._keeps(one)]
