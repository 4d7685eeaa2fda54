"""An engine's state as bytes: only what is in use, so that neither reserved rows nor old log entries are carried along.

SHA-256 of the rest, length of the header, header (JSON: what the caller says of the state, and dtype, shape and whole
size of each array), arrays end to end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.windows.interner import FREE, USED, line_rows
from manumit.detectors.windows.state import FIRST, NEXT, State
from manumit.schemas.errors import ConfigError

DIGEST_BYTES = 32
LENGTH_BYTES = 8
Array = npt.NDArray[Any]
RAGGED = ("log", "key_rows", "accounts", "key_free", "pairs", "pair_free")
"""Arrays of which only the rows in use are kept."""


def packed(state: State, about: Mapping[str, object]) -> bytes:
    """The state with what is said of it."""
    arrays = _in_use(state)
    header = {
        "about": about,
        "arrays": {
            name: {"dtype": array.dtype.str, "shape": array.shape, "rows": len(getattr(state, name))}
            for name, array in arrays.items()
        },
    }
    told = json.dumps(header).encode()
    parts = [len(told).to_bytes(LENGTH_BYTES, "little"), told, *(array.tobytes() for array in arrays.values())]
    body = b"".join(parts)
    return sha256(body).digest() + body


def said_of(data: bytes) -> Mapping[str, Any]:
    """What was said of the state. Raises ConfigError when the bytes are damaged."""
    body = memoryview(data)[DIGEST_BYTES:]
    if sha256(body).digest() != data[:DIGEST_BYTES]:
        raise ConfigError("the snapshot is damaged: rebuild it from the log")
    about: Mapping[str, Any] = _header(body)["about"]
    return about


def unpacked(data: bytes) -> State:
    """The state of bytes that `said_of` found whole."""
    body = memoryview(data)[DIGEST_BYTES:]
    arrays, at = {}, LENGTH_BYTES + int.from_bytes(body[:LENGTH_BYTES], "little")
    for name, array in _header(body)["arrays"].items():
        kind, shape = np.dtype(array["dtype"]), tuple(array["shape"])
        size = kind.itemsize * int(np.prod(shape))
        arrays[name] = (np.frombuffer(body[at : at + size], kind).reshape(shape), array["rows"])
        at += size
    progress = arrays["progress"][0]
    return State(**{name: _whole(name, used, rows, progress) for name, (used, rows) in arrays.items()})


def _header(body: memoryview) -> dict[str, Any]:
    length = int.from_bytes(body[:LENGTH_BYTES], "little")
    header: dict[str, Any] = json.loads(bytes(body[LENGTH_BYTES : LENGTH_BYTES + length]))
    return header


def _in_use(state: State) -> dict[str, Array]:
    sequence = np.arange(state.progress[FIRST], state.progress[NEXT])
    keys, pairs = state.key_used, state.pair_used
    return {
        **state._asdict(),
        "log": state.log[sequence & (len(state.log) - 1)],
        "key_rows": state.key_rows[: keys[USED]],
        "accounts": state.accounts[: keys[USED]],
        "key_free": state.key_free[: keys[FREE]],
        "pairs": state.pairs[: pairs[USED]],
        "pair_free": state.pair_free[: pairs[FREE]],
    }


def _whole(name: str, used: Array, rows: int, progress: Array) -> Array:
    """The array with as many rows as it had."""
    if name not in RAGGED:
        return _aligned(used) if used.ndim > 1 else used.copy()
    if used.ndim == 1:
        longer = np.zeros(rows, used.dtype)
        longer[: len(used)] = used
        return longer
    wider = line_rows(rows, used.shape[1])
    if name == "log":
        wider[np.arange(progress[FIRST], progress[NEXT]) & (rows - 1)] = used
    else:
        wider[: len(used)] = used
    return wider


def _aligned(used: Array) -> Array:
    copied = line_rows(len(used), used.shape[1])
    copied[:] = used
    return copied
