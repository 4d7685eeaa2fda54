"""Base58Check, the text form of Bitcoin-family and TRON addresses. Pure."""

from __future__ import annotations

from hashlib import sha256

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUE = {letter: i for i, letter in enumerate(ALPHABET)}
CHECKSUM_BYTES = 4
LONGEST_TEXT = 64


def checksum(payload: bytes) -> bytes:
    """The first four bytes of SHA-256 twice."""
    return sha256(sha256(payload).digest()).digest()[:CHECKSUM_BYTES]


def encode_check(payload: bytes) -> str:
    """Payload (version byte first) to text with its checksum."""
    raw = payload + checksum(payload)
    number = int.from_bytes(raw, "big")
    letters = []
    while number:
        number, rest = divmod(number, 58)
        letters.append(ALPHABET[rest])
    zeros = len(raw) - len(raw.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(letters))


def decode_check(text: str) -> bytes | None:
    """The payload (version byte first), or None when a letter or the checksum is wrong."""
    if not CHECKSUM_BYTES < len(text) <= LONGEST_TEXT:
        return None
    number = 0
    for letter in text:
        digit = VALUE.get(letter)
        if digit is None:
            return None
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    raw = b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, check = raw[:-CHECKSUM_BYTES], raw[-CHECKSUM_BYTES:]
    return payload if payload and checksum(payload) == check else None
