"""One number for a set of alerts: equal when every alert is equal, whatever run wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from manumit.schemas.alert import Alert
from manumit.schemas.wire import encode


class AlertDigest:
    """Remembers the newest revision of each alert by its hash; `stored_us` (the clock) does not count."""

    def __init__(self, newest: Mapping[str, tuple[int, bytes]] | None = None) -> None:
        self._newest: dict[str, tuple[int, bytes]] = dict(newest or {})

    def dump(self) -> dict[str, tuple[int, bytes]]:
        """By alert id: revision and hash, for a checkpoint."""
        return self._newest

    def take(self, alerts: Iterable[Alert]) -> list[bool]:
        """Which of them were never seen before."""
        new = []
        for alert in alerts:
            known = self._newest.get(alert.alert_id)
            new.append(known is None)
            if known is None or known[0] <= alert.revision:
                self._newest[alert.alert_id] = (alert.revision, sha256(_timeless(alert)).digest())
        return new

    def __len__(self) -> int:
        return len(self._newest)

    @property
    def hex(self) -> str:
        whole = sha256()
        for alert_id in sorted(self._newest):
            whole.update(alert_id.encode() + self._newest[alert_id][1])
        return whole.hexdigest()


def _timeless(alert: Alert) -> bytes:
    return encode(msgspec.structs.replace(alert, stored_us=0))
