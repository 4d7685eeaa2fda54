"""Texts that are dear to read: dense digits, many contacts, many prices, strange letters. Each as long as asked."""

from __future__ import annotations

import random
from collections.abc import Callable
from hashlib import sha256

SCRIPTS = (range(0x20, 0x7F), range(0x400, 0x500), range(0x600, 0x700), range(0xE00, 0xE80), range(0x4E00, 0x4F00))


def repeated(piece: str) -> Callable[[int], str]:
    return lambda size: (piece * (size // len(piece) + 1))[:size]


def counted(piece: Callable[[int], str]) -> Callable[[int], str]:
    """`piece(0)`, `piece(1)` and so on, no two alike."""
    return lambda size: "".join(piece(i) for i in range(size // len(piece(0)) + 1))[:size]


def drawn(letters: str) -> Callable[[int], str]:
    return lambda size: "".join(random.Random(4).choices(letters, k=size))  # noqa: S311 - letters, no secret


SHAPES: dict[str, Callable[[int], str]] = {
    "groups of two": counted(lambda i: f"{i * 37 % 90 + 10}{'-. /_~*'[i * i % 7]}"),
    "groups of three": counted(lambda i: f"{i * 37 % 900 + 100}{'-. /()'[i * i % 6]}"),
    "single digits": counted(lambda i: f"{i * 7 % 10} "),
    "a digit a line": repeated("\n1"),
    "cards": counted(lambda i: f"{i * 7919 % 9000 + 1000}{' ' if i % 4 else chr(10)}"),
    "digits and signs": drawn("0123456789-. /_~*()\n"),
    "mixed separators": repeated("20-25/55 01.47*20_25 55~01-47 "),
    "numbers with plus": counted(lambda i: f"+1202555{100 + i % 100:04d},"),
    "numbers announced": counted(lambda i: f"call 202 555 {100 + i % 100:04d}; "),
    "spelt numbers": repeated("two zero two five five five zero one four seven "),
    "numbers of look-alikes": repeated("2O2 5S5 Ol47 "),
    "digits of mathematics": repeated("𝟚𝟘𝟚 𝟝𝟝𝟝 "),
    "e-mails": counted(lambda i: f"a{i:05d}@b{i:05d}.example "),
    "handles": counted(lambda i: f"telegram @user{i:05d} "),
    "wallets": counted(lambda i: "0x" + sha256(str(i).encode()).hexdigest()[:40] + " "),
    "bech32": counted(lambda i: "bc1q" + sha256(str(i).encode()).hexdigest()[:38] + " "),
    "prices": counted(lambda i: f"${i % 900 + 100}/h "),
    "means of payment": repeated("cash bitcoin usdt paypal western union "),
    "introductions": repeated("my name is Anna. I am Maria, ask for John "),
    "addresses": repeated("12 Main Street, Apt 4, 10001 New York "),
    "places": repeated("New York London Paris Berlin Bangkok "),
    "marks on marks": repeated("a\u0301\u0302\u0303"),
    "zero width": repeated("2\u200b0\u200d2\u2060"),
    "any script": drawn("".join(chr(code) for block in SCRIPTS for code in block)),
    "bait": repeated("1-(@a.€1,"),
    "one letter": repeated("a"),
    "brackets": repeated("(((("),
}
