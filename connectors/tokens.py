"""Contact tokens: HMAC-SHA256 under a key that lives outside the store, so no table can be turned back."""

from __future__ import annotations

import hmac
import os
import secrets
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from manumit.schemas.errors import ConfigError

KEY_BYTES = 32
TOKEN_DIGITS = 32
READABLE_BY_OTHERS = 0o077


def load_key(path: Path) -> bytes:
    """The key, made on first use for its owner only. Raises ConfigError when others may read it or it is short."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    if path.stat().st_mode & READABLE_BY_OTHERS:
        raise ConfigError(f"{path} may be read by others: chmod 600 it")
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise ConfigError(f"{path} holds {len(key)} bytes; a token key needs {KEY_BYTES}")
    return key


def tokeniser(key: bytes) -> Callable[[str], str]:
    """`tokenise("tel:+12025550123")` -> `contact:…`, the same for the same contact and key."""

    def tokenise(contact: str) -> str:
        return "contact:" + hmac.new(key, contact.encode(), sha256).hexdigest()[:TOKEN_DIGITS]

    return tokenise


def kind_tokeniser(key: bytes) -> Callable[[str, str], str]:
    """`tokenise("name", "vera exampleova")` -> `name:…`; a contact gets the token it has in adverts too."""
    of_contact = tokeniser(key)

    def tokenise(kind: str, text: str) -> str:
        if kind == "contact":
            return of_contact(text)
        return f"{kind}:" + hmac.new(key, f"{kind}\x1f{text}".encode(), sha256).hexdigest()[:TOKEN_DIGITS]

    return tokenise


def folded_text(text: str) -> str:
    """Letters as they are compared before they become a token: folded, one blank between words."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
