"""From signals to episodes: one per detector and subject, until a quiet gap in event time.

Folding is pure, so an episode is the same whatever batches its signals came in. Signals on events
that are still in the engine's memory, or provisional, are kept beside the episode as it was before them: when
some are taken back, those that stay are folded in again. A closed episode stands for good.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import msgspec

from manumit.detectors.folding import LISTING, Episode, Need, folded, opened, standing
from manumit.detectors.live_episodes import Change, Live, Policy, Taken, Unsaid
from manumit.schemas.signal import Signal

Key = tuple[str, str]
RESTED_US = 400 * 86_400_000_000
REVISED_US = 30 * 86_400_000_000  # ours: what an advert said may be replaced by a revision for so long
NEVER_TAKEN_BACK = ("account:",)  # chains take events back, and adverts are revised


class Episodes:
    """All open episodes. `context(signal)` fetches what led to an opening signal; it is asked once per episode."""

    def __init__(self, policy: Callable[[str], Policy], context: Callable[[Signal], tuple[str, ...]]) -> None:
        self._policy = policy
        self._context = context
        self._live: dict[Key, Live] = {}
        self._holders: dict[str, list[Key]] = {}
        self._withdrawn: dict[str, int] = {}
        self._changed: dict[Key, None] = {}
        self._gone: list[Change] = []
        self._rested: dict[str, tuple[Episode, int]] = {}

    def take(
        self,
        signal: Signal,
        *,
        muted_by: str,
        provisional: bool,
        context: tuple[str, ...] | None = None,
        needs: tuple[Need, ...] = (),
    ) -> None:
        """Fold one signal in; signals of a subject must come in event-time order. `context`: where it is known;
        `needs`: the labels it rests on."""
        key = (signal.detector, signal.subject)
        live = self._live.get(key)
        if live is not None and signal.at_us - live.episode.last_us > self._policy(signal.detector).quiet_gap_us:
            self._close(key, live)
            live = None
        before = None if live is None else live.episode
        episode = before or opened(signal, self._context(signal) if context is None else context)
        episode = folded(episode, signal, muted_by, needs)
        if live is None:
            live = self._live[key] = Live(episode=episode, revision=self._withdrawn.pop(episode.alert_id, 0))
        live.episode = episode
        live.revision += 1
        if live.tail or not signal.event_id.startswith(NEVER_TAKEN_BACK):
            live.base = live.base if live.tail else before
            live.tail.append(Taken(signal=signal, muted_by=muted_by, provisional=provisional, needs=needs))
            live.provisional += provisional
            self._holders.setdefault(signal.event_id, []).append(key)
        self._changed[key] = None

    def holds(self, signal: Signal) -> bool:
        """True for a signal that was taken, and is still kept."""
        live = self._live.get((signal.detector, signal.subject))
        return live is not None and any(
            (t.signal.event_id, t.signal.at_us) == (signal.event_id, signal.at_us) for t in live.tail
        )

    def retract(self, event_ids: Collection[str], reason: str) -> list[str]:
        """Take back every signal on these events. Returns the suppressions that muted them, once for each."""
        gone = set(event_ids)
        keys = dict.fromkeys(key for event in event_ids for key in self._holders.pop(event, ()))
        return [muted_by for key in keys for muted_by in self._pop(key, gone, reason)]

    def unsay(self, unsaid: Unsaid, reason: str) -> list[str]:
        """Take back what an advert said for one detector and subject. Returns as `retract`.

        What the alert was before counts as shown whether or not it was written yet: so bundles do not matter.
        """
        key = (unsaid.detector, unsaid.subject)
        live = self._live.get(key)
        after_us = unsaid.at_us - REVISED_US
        said = [t.signal for t in live.tail if t.signal.at_us > after_us] if live is not None else []
        gone = {signal.event_id for signal in said if signal.event_id.rpartition(":")[0] == unsaid.advert}
        if live is None or not gone:
            return []
        live.shown = live.shown or self._stands(live.episode)
        return self._pop(key, gone, reason)

    def _pop(self, key: Key, gone: set[str], reason: str) -> list[str]:
        live = self._live[key]
        before, revision = live.episode, live.revision + 1
        kept = [taken for taken in live.tail if taken.signal.event_id not in gone]
        lost = [taken.muted_by for taken in live.tail if taken.signal.event_id in gone and taken.muted_by]
        self._reset(key, live, revision)
        for taken in kept:
            context = before.context if taken.signal.event_id == before.opening_event else None
            self.take(
                taken.signal,
                muted_by=taken.muted_by,
                provisional=taken.provisional,
                context=context,
                needs=taken.needs,
            )
        now = self._live.get(key)
        same = now is not None and now.episode.alert_id == before.alert_id
        if now is not None and same:
            now.shown, now.revision = live.shown and self._stands(now.episode), revision
        if live.shown and not (now is not None and same and now.shown):
            live.shown = False
            self._gone.append(Change(episode=before, revision=revision, provisional=False, withdrawn=reason))
        return lost

    def _reset(self, key: Key, live: Live, revision: int) -> None:
        """The episode as it was before its tail."""
        self._changed.pop(key, None)
        self._let_go(key, live)
        live.revision, live.tail, live.provisional = revision, [], 0
        if live.base is None:
            del self._live[key]
            self._withdrawn[live.episode.alert_id] = revision
            return
        live.episode, live.base = live.base, None
        self._changed[key] = None

    def _let_go(self, key: Key, live: Live) -> None:
        """No event of the tail holds this episode any more."""
        self._release(key, {taken.signal.event_id for taken in live.tail})

    def _release(self, key: Key, events: Collection[str]) -> None:
        for event in events:
            left = [holder for holder in self._holders.pop(event, ()) if holder != key]
            if left:
                self._holders[event] = left

    def finalise(self, done: Collection[str]) -> None:
        """The chain no longer takes these events back: an alert on nothing else is final."""
        gone = set(done)
        keys = dict.fromkeys(key for event in done for key in self._holders.get(event, ()))
        for key in keys:
            self._settle(key, self._live[key], gone)

    def _settle(self, key: Key, live: Live, done: set[str]) -> None:
        before = live.provisional
        live.tail = [
            msgspec.structs.replace(taken, provisional=False) if taken.signal.event_id in done else taken
            for taken in live.tail
        ]
        live.provisional = sum(taken.provisional for taken in live.tail)
        if before and not live.provisional:
            live.revision += 1
            self._changed[key] = None

    def forget(self, before_us: int, now_us: int) -> None:
        """Signals older than this, and what adverts said too long ago to be revised, stand for good, unless they are
        provisional. Changes no alert."""
        for key, live in self._live.items():
            middle = live.tail[len(live.tail) // 2].signal if live.tail else None
            if middle is not None:
                until_us = now_us - REVISED_US if middle.event_id.startswith(LISTING) else before_us
                if middle.at_us < until_us:
                    self._forget(key, live, until_us)

    def _forget(self, key: Key, live: Live, before_us: int) -> None:
        """Called when half of the tail is old, so that a signal is moved about once."""
        tail = live.tail
        first = next((i for i, t in enumerate(tail) if t.provisional or t.signal.at_us >= before_us), len(tail))
        if not first:
            return
        for taken in tail[:first]:
            base = opened(taken.signal, live.episode.context) if live.base is None else live.base
            live.base = folded(base, taken.signal, taken.muted_by, taken.needs)
        live.tail = tail[first:]
        kept = {taken.signal.event_id for taken in live.tail}
        self._release(key, {taken.signal.event_id for taken in tail[:first]} - kept)
        live.base = live.base if live.tail else None

    def changes(self) -> list[Change]:
        """What to write since the last call, in a defined order; forgets that it changed."""
        found = self._gone
        for key in self._changed:
            live = self._live[key]
            if self._stands(live.episode):
                live.shown = True
                found.append(Change(episode=live.episode, revision=live.revision, provisional=live.provisional > 0))
        self._gone, self._changed = [], {}
        return found

    def _stands(self, episode: Episode) -> bool:
        return episode.distinct >= self._policy(episode.detector).min_events

    def _close(self, key: Key, live: Live) -> None:
        if key in self._changed:
            del self._changed[key]
            if self._stands(live.episode):
                self._gone.append(
                    Change(episode=live.episode, revision=live.revision, provisional=live.provisional > 0)
                )
        self._let_go(key, live)
        self._keep_rested(live)
        del self._live[key]

    def _keep_rested(self, live: Live) -> None:
        """A closed alert that would not stand without labels is remembered for as long as they may be withdrawn."""
        if live.episode.rests and self._stands(live.episode):
            self._rested[live.episode.alert_id] = (live.episode, live.revision)

    def end_labels(self, holds: Callable[[Need, int], bool], now_us: int, reason: str) -> None:
        """Withdraw the alerts of the last 400 days of event time that do not stand on the labels that still hold."""
        after_us = now_us - RESTED_US
        self._rested = {alert: kept for alert, kept in self._rested.items() if kept[0].last_us > after_us}
        for alert, (episode, revision) in list(self._rested.items()):
            if not self._still_stands(episode, holds):
                del self._rested[alert]
                self._withdraw(episode, revision + 1, reason)
        for key, live in list(self._live.items()):
            recent = live.episode.last_us > after_us
            if recent and live.episode.rests and not self._still_stands(live.episode, holds):
                self._changed.pop(key, None)
                self._let_go(key, live)
                del self._live[key]
                self._withdraw(live.episode, live.revision + 1, reason, shown=live.shown)

    def _still_stands(self, episode: Episode, holds: Callable[[Need, int], bool]) -> bool:
        return standing(episode, holds) >= self._policy(episode.detector).min_events

    def _withdraw(self, episode: Episode, revision: int, reason: str, *, shown: bool = True) -> None:
        self._withdrawn[episode.alert_id] = revision
        if shown:
            self._gone.append(Change(episode=episode, revision=revision, provisional=False, withdrawn=reason))

    def close_quiet(self, now_us: int) -> None:
        """Forget episodes whose quiet gap has passed; call after `changes`. Changes no alert.

        Of adverts signals may be told late, when a revision made room for others: those episodes wait longer.
        """
        stale = [key for key, live in self._live.items() if not live.tail and self._is_quiet(key, live, now_us)]
        for key in stale:
            self._keep_rested(self._live[key])
            del self._live[key]

    def _is_quiet(self, key: Key, live: Live, now_us: int) -> bool:
        late_us = REVISED_US if live.episode.opening_event.startswith(LISTING) else 0
        return now_us - live.episode.last_us > self._policy(key[0]).quiet_gap_us + late_us

    def outlived(self, stored: Mapping[str, int]) -> list[str]:
        """After a restart: of the provisional alerts a store holds (id to revision), those no episode stands for.

        They were written after the checkpoint. Revisions go on above the store's, so that what is written
        next is the newest.
        """
        known = {live.episode.alert_id: key for key, live in self._live.items()}
        for alert, revision in stored.items():
            key = known.get(alert)
            if key is None:
                self._withdrawn[alert] = max(self._withdrawn.get(alert, 0), revision + 1)
            elif revision > self._live[key].revision:
                self._live[key].revision = revision + 1
                self._changed[key] = None
        return [alert for alert in stored if alert not in known]

    def dump(self) -> bytes:
        """Everything but the callables, as msgpack; `changes` must have been taken."""
        return msgspec.msgpack.encode((list(self._live.items()), self._holders, self._withdrawn, self._rested))

    def load(self, data: bytes) -> None:
        live, self._holders, self._withdrawn, self._rested = msgspec.msgpack.decode(data, type=Dumped)
        self._live = dict(live)


Dumped = tuple[list[tuple[Key, Live]], dict[str, list[Key]], dict[str, int], dict[str, tuple[Episode, int]]]
