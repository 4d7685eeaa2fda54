"""Addresses found in pages and redirects. Pure."""

from __future__ import annotations

from urllib.parse import quote, urljoin, urlsplit

LONGEST_LINK = 2_000
KEPT = "/%:@!$&'()*+,;=~-._?"  # what an address may hold as it is; other letters are written as browsers do


def own_link(base: str, href: str, netloc: str) -> str:
    """The whole address without its fragment, or "" when it leads to another host, scheme or port, or is none."""
    if len(href) > LONGEST_LINK:
        return ""
    try:
        parts = urlsplit(urljoin(base, href.strip()))
    except ValueError:
        return ""
    path, query = (quote(part, safe=KEPT, errors="replace") for part in (parts.path or "/", parts.query))
    whole = parts._replace(fragment="", path=path, query=query).geturl()
    is_web = parts.scheme in ("http", "https") and parts.netloc == netloc
    return whole if is_web and len(whole) <= LONGEST_LINK else ""
