"""Addresses at rest: an advert's address repeats its title, and titles name people, so none is kept in the clear.

HMAC-SHA256 names and AES-GCM rows, under keys made of the token key, which lives outside the state folder.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from manumit.schemas.errors import ConfigError

NONCE_BYTES = 12
NAME_DIGITS = 32


class Seal:
    """`key` is that of contact tokens."""

    def __init__(self, key: bytes) -> None:
        self._names = hmac.digest(key, b"manumit crawl names", sha256)
        self._rows = AESGCM(hmac.digest(key, b"manumit crawl rows", sha256))

    def name(self, url: str) -> str:
        """The same for the same address; "" for none."""
        return hmac.digest(self._names, url.encode(), sha256).hex()[:NAME_DIGITS] if url else ""

    def closed(self, row: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._rows.encrypt(nonce, row, None)

    def opened(self, sealed: bytes) -> bytes:
        """Raises ConfigError under another key."""
        try:
            return self._rows.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise ConfigError(
                "the frontier of a crawl was written under another token key: restore that key"
            ) from error
