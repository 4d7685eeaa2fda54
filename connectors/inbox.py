"""Account events that others push to us: kept on disk before they are acknowledged, then read as a live source.

One file a day of receipt; a position is `DAY:BYTES`. Days before the one that a run resumes in are done with and go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

import msgspec

from manumit.connectors.contract import Batch
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError, EdgeDown

DAY_US = 86_400_000_000
PUSHED = "pushed:bookings"
POSITION = re.compile(r"(\d{1,8}):(\d{1,18})", re.ASCII)
AT_A_TIME = 4 << 20
LOOK_S = 1.0  # the one who pushes may hold another inbox over the same folder


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """One push: what of it was usable, and a letter for each record that was not."""

    events: tuple[AccountEvent, ...] = ()
    letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """A folder only its owner may read. `put` from one process, by any thread; `came` is set by each push."""

    folder: Path
    clock: Callable[[], int]
    came: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def put(self, pushed: Pushed) -> None:
        """Returns when it is durable. Raises EdgeDown when the disk is full or away."""
        line = msgspec.json.encode(pushed) + b"\n"
        try:
            with self.lock:
                self._append(line)
        except OSError as error:
            raise EdgeDown(f"pushed bookings cannot be kept: {error.strerror}") from error
        self.came.set()

    def _append(self, line: bytes) -> None:
        """A line that a crash left without its end is ended first, so that it costs no other."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{self.clock() // DAY_US:08d}.ndjson"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            rest = memoryview(b"\n" + line if torn else line)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def days(self) -> list[int]:
        return sorted(int(path.stem) for path in self.folder.glob("*.ndjson") if path.stem.isdigit())

    def forget_before(self, day: int) -> None:
        for old in self.days():
            if old < day:
                (self.folder / f"{old:08d}.ndjson").unlink(missing_ok=True)

    def read(self, day: int, at: int) -> tuple[list[Pushed], int]:
        """Whole pushes from byte `at` on, and where they end."""
        path = self.folder / f"{day:08d}.ndjson"
        if not path.exists():
            return [], at
        with path.open("rb") as file:
            file.seek(at)
            piece = file.read(AT_A_TIME)
            while piece and b"\n" not in piece and (more := file.read(AT_A_TIME)):
                piece += more
        whole = piece[: piece.rfind(b"\n") + 1]
        return [push for line in whole.splitlines() if (push := _push(line))], at + len(whole)


def _push(line: bytes) -> Pushed | None:
    """None for a line that a crash cut off: it was never acknowledged."""
    try:
        return msgspec.json.decode(line, type=Pushed)
    except msgspec.MsgspecError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSource:
    """The inbox as a live source, until told to stop."""

    inbox: Inbox
    stopping: Event = field(default_factory=Event)

    @property
    def name(self) -> str:
        return PUSHED

    @property
    def live(self) -> bool:
        return True

    def total(self) -> int | None:
        return None

    def stop(self) -> None:
        """End `batches` soon, from any thread."""
        self.stopping.set()
        self.inbox.came.set()

    def batches(self, after: str | None) -> Iterator[Batch]:
        """Raises ConfigError for a position of another kind of source, EdgeDown."""
        day, at = _place(after)
        self.inbox.forget_before(day)
        while not self.stopping.is_set():
            self.inbox.came.clear()
            day, at, pushes = self._next(day, at)
            yield _batch(pushes, f"{day}:{at}")
            if not pushes:
                self.inbox.came.wait(LOOK_S)

    def _next(self, day: int, at: int) -> tuple[int, int, list[Pushed]]:
        """What comes behind a position: of its day, else of the first later day."""
        for one in (day, *(later for later in self.inbox.days() if later > day)):
            begin = at if one == day else 0
            try:
                pushes, end = self.inbox.read(one, begin)
            except OSError as error:
                raise EdgeDown(f"pushed bookings cannot be read: {error.strerror}") from error
            if end > begin:
                return one, end, pushes
        return day, at, []


def _place(after: str | None) -> tuple[int, int]:
    if after is None:
        return 0, 0
    found = POSITION.fullmatch(after)
    if found is None:
        raise ConfigError(f"{after[:80]!r} is no position among pushed bookings; start without the checkpoint")
    return int(found[1]), int(found[2])


def _batch(pushes: Sequence[Pushed], position: str) -> Batch:
    events = sorted((event for push in pushes for event in push.events), key=lambda event: event.at_us)
    letters = tuple(letter for push in pushes for letter in push.letters)
    return Batch(position=position, account_events=tuple(events), dead_letters=letters, caught_up=True)
