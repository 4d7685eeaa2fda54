"""Bytes of a feed handed to the XML parser, stopped where one entry has more than an advert needs.

The parser builds each element as it comes, and a start tag of a million attributes in one step: so what is counted is
bytes, before they are parsed.
"""

from __future__ import annotations

from manumit.schemas.errors import BadRecord

ENTRY_BYTES = 1 << 20  # of one entry: plain.LONGEST_HTML letters, escaped
PIECE = 16_384  # smaller ones make a long comment cost quadratic time
MOST = {b"=": 15_000}  # signs of attributes in one entry; also counts those in its words


class Metered:
    """What `iterparse` reads from; `mark` says that an entry ended."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0
        self.mark()

    def mark(self) -> None:
        """The next entry begins anew."""
        self._since = self._at
        self._signs = dict.fromkeys(MOST, 0)

    def read(self, size: int = -1) -> bytes:
        """At most PIECE bytes, however many are asked for. Raises BadRecord("too-large")."""
        piece = self._raw[self._at : self._at + PIECE]
        self._at += len(piece)
        if self._at - self._since > ENTRY_BYTES:
            raise BadRecord("too-large", f"an entry has more than {ENTRY_BYTES} bytes; the feed is read up to there")
        for sign, most in MOST.items():
            self._signs[sign] += piece.count(sign)
            if self._signs[sign] > most:
                raise BadRecord(
                    "too-large", f"an entry has more than {most} {sign.decode()!r}; the feed is read up to there"
                )
        return piece
