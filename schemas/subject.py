"""How a customer is called as the subject of an alert: `customer:EXCHANGE:ID`, in one piece whatever the names hold."""

from __future__ import annotations

from hashlib import blake2b

CUSTOMER = "customer"
MAX_NAME = 62


def quoted(name: str) -> str:
    """Percent-encoded where a name holds a colon or a tilde, for those part an account id."""
    return name.replace("%", "%25").replace(":", "%3A").replace("~", "%7E") if any(c in name for c in "%:~") else name


def unquoted(name: str) -> str:
    return name.replace("%7E", "~").replace("%3A", ":").replace("%25", "%")


def short(given: str) -> str:
    """A quoted name of at most 61 bytes; longer ones become their hash."""
    name = quoted(given)
    raw = name.encode()
    return name if len(raw) < MAX_NAME else blake2b(raw, digest_size=24).hexdigest()


def customer_subject(exchange: str, customer_id: str) -> str:
    return f"{CUSTOMER}:{quoted(exchange)}:{short(customer_id)}"


def person_token(name: str, birth: str) -> str:
    """Of somebody's name and birthday together, each given as its token."""
    return "person:" + blake2b(f"{name}\x1f{birth}".encode(), digest_size=16).hexdigest()
