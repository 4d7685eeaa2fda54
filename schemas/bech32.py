"""SegWit addresses: bech32 (BIP-173) and bech32m (BIP-350). Pure."""

from __future__ import annotations

from functools import reduce
from operator import xor

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
VALUE = {letter: i for i, letter in enumerate(ALPHABET)}
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
FOLDED = tuple(reduce(xor, (g for bit, g in enumerate(GENERATORS) if top >> bit & 1), 0) for top in range(32))
"""The generators that the five leading bits pick, added up."""

BECH32, BECH32M = 1, 0x2BC830A3
LONGEST_TEXT = 90
CHECKSUM_LETTERS = 6


def polymod(values: list[int]) -> int:
    """The BCH remainder of 5-bit values, as BIP-173 defines it."""
    check = 1
    for value in values:
        check = (check & 0x1FFFFFF) << 5 ^ value ^ FOLDED[check >> 25]
    return check


def segwit_program(text: str, prefix: str) -> tuple[int, bytes] | None:
    """(witness version, program) of a lower-case address with this prefix, or None when it is wrong."""
    head, separator, tail = text.rpartition("1")
    if not separator or head != prefix or len(text) > LONGEST_TEXT or len(tail) <= CHECKSUM_LETTERS:
        return None
    if any(letter not in VALUE for letter in tail):
        return None
    values = [VALUE[letter] for letter in tail]
    spread = [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head]
    version = values[0]
    if polymod(spread + values) != (BECH32 if version == 0 else BECH32M):
        return None
    program = eight_bits(values[1:-CHECKSUM_LETTERS])
    return None if program is None or not lawful(version, program) else (version, program)


def segwit_address(prefix: str, version: int, program: bytes) -> str:
    """The lower-case address of a witness program, the other way of `segwit_program`."""
    values = [version, *five_bits(program)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = polymod(spread + values + [0] * CHECKSUM_LETTERS) ^ (BECH32 if version == 0 else BECH32M)
    letters = [*values, *(check >> 5 * (CHECKSUM_LETTERS - 1 - i) & 31 for i in range(CHECKSUM_LETTERS))]
    return f"{prefix}1{''.join(ALPHABET[value] for value in letters)}"


def five_bits(program: bytes) -> list[int]:
    """Bytes to 5-bit groups, the last filled up with zeros."""
    count = -(-len(program) * 8 // 5)
    number = int.from_bytes(program, "big") << count * 5 - len(program) * 8
    return [number >> 5 * (count - 1 - i) & 31 for i in range(count)]


def eight_bits(values: list[int]) -> bytes | None:
    """5-bit groups to bytes; None when the padding is not zero or too long."""
    number = 0
    for value in values:
        number = number << 5 | value
    spare = len(values) * 5 % 8
    if spare >= 5 or number & ((1 << spare) - 1):
        return None
    return (number >> spare).to_bytes(len(values) * 5 // 8, "big")


def lawful(version: int, program: bytes) -> bool:
    """Lengths of BIP-141: 2 to 40 bytes, and 20 or 32 for version 0."""
    return version <= 16 and 2 <= len(program) <= 40 and (version != 0 or len(program) in (20, 32))
