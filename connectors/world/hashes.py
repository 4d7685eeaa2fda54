"""Identifiers that look like a chain's, drawn from (seed, role, index): no real key stands behind them.

Addresses come from SHA-256; block and transaction hashes, of which there are millions, from four lanes of
splitmix64 (Steele, Lea and Flood 2014), which numpy computes a column at a time.
"""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from manumit.schemas.block import Bytes

CHAIN = "eip155:31337"  # the development chain of anvil and hardhat: no real chain
PAIRS = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), np.uint16)
UInt64s = npt.NDArray[np.uint64]


def digest(*parts: object) -> str:
    """64 hex digits."""
    return sha256("\x1f".join(map(str, ("manumit-world", *parts))).encode()).hexdigest()


def address(seed: int, role: str, index: int) -> str:
    return "0x" + digest(seed, role, index)[:40]


def account_id(of: str) -> str:
    """CAIP-10."""
    return f"{CHAIN}:{of}"


def hash_column(seed: int, role: str, keys: UInt64s) -> Bytes:
    """uint8[n, 32], one hash for each key."""
    lanes = [_splitmix(keys, int(digest(seed, role, lane)[:16], 16)) for lane in range(4)]
    return np.stack(lanes, axis=1).astype(">u8").view(np.uint8)


def hex_texts(hashes: Bytes) -> pa.Array:
    """Arrow strings `0x…` of uint8[n, width]."""
    count, width = hashes.shape
    text = np.empty((count, 1 + width), np.uint16)
    text[:, 0] = np.frombuffer(b"0x", np.uint16)[0]
    text[:, 1:] = PAIRS[hashes]
    offsets = np.arange(count + 1, dtype=np.int64) * (2 + 2 * width)
    wide = pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))
    return wide.cast(pa.string())


def _splitmix(keys: UInt64s, salt: int) -> UInt64s:
    z = keys * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
