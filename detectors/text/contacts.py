"""Ways to reach a poster: telephone, e-mail, handles. Found only to become keyed tokens at once.

Patterns are fixed and bounded, so hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from manumit.detectors.text.normalise import Folded, fold
from manumit.detectors.text.phones import phones

MAX_EACH = 20
AT = r"(?:\s?@\s?|\s?[(\[{]\s?at\s?[)\]}]\s?)"
DOT = r"(?:\s?[(\[{]\s?dot\s?[)\]}]\s?|\.|\sdot\s)"
EMAIL = re.compile(
    rf"(?<![\w.%+-])([a-z0-9._%+-]{{1,64}}){AT}([a-z0-9-]{{1,63}}(?:{DOT}[a-z0-9-]{{1,63}}){{0,3}}{DOT}[a-z]{{2,24}})(?![\w-])"
)
WORDED_EMAIL = re.compile(
    r"(?<![\w.%+-])([a-z0-9._%+-]{1,64}) at ([a-z0-9-]{1,63}(?: dot [a-z0-9-]{1,63}){0,3} dot [a-z]{2,24})(?![\w-])"
)
NAME = r"@?([a-z0-9](?:[a-z0-9_.-]{2,30}[a-z0-9]))(?![\w@])"
SAYS = r"\s{0,2}(?:id|name|handle|user)?\s{0,2}[:：=]?\s{0,2}"
HANDLES = (
    ("telegram", re.compile(rf"(?<![\w.])(?:t\.me/|telegram\.me/)\+?{NAME}")),
    ("telegram", re.compile(rf"(?<!\w)(?:telegram|телеграм|телега|tg|tele){SAYS}(?:[:：=]\s{{0,2}}|@){NAME}")),
    ("wechat", re.compile(rf"(?:wechat|weixin|微信|(?<!\w)[wv]x){SAYS}[:：=]\s{{0,2}}{NAME}")),
    ("line", re.compile(rf"(?<!\w)line\s{{0,2}}id\s{{0,2}}[:：=]?\s{{0,2}}{NAME}")),
    (
        "instagram",
        re.compile(rf"(?<![\w.])(?:instagram\.com/|(?:instagram|insta|ig){SAYS}(?:[:：=]\s{{0,2}}|@)){NAME}"),
    ),
    ("handle", re.compile(rf"(?<![\w.@/])@{NAME[2:]}")),
)
WHATSAPP_LINK = re.compile(r"(?<![\w.])(?:wa\.me/|api\.whatsapp\.com/send\?phone=)\+?(\d{8,15})(?!\d)")


@dataclass(frozen=True, slots=True)
class Contact:
    """`identifier` is normalised (`tel:+…`, `email:…`, `telegram:…`); the span is in the original text."""

    identifier: str
    start: int
    stop: int


def contacts(text: str, region: str = "") -> tuple[Contact, ...]:
    """Every contact once per place, in order of place; where two overlap the earlier kind wins."""
    folded = fold(text)
    found: list[Contact] = []
    for contact in _all(text, folded, region):
        if not any(contact.start < other.stop and other.start < contact.stop for other in found):
            found.append(contact)
    return tuple(sorted(found, key=lambda contact: contact.start))


def _all(text: str, folded: Folded, region: str) -> Iterator[Contact]:
    yield from _emails(folded)
    for match in islice(WHATSAPP_LINK.finditer(folded.text), MAX_EACH):
        yield Contact(f"tel:+{match[1]}", *folded.origin(*match.span()))
    for kind, pattern in HANDLES:
        for match in islice(pattern.finditer(folded.text), MAX_EACH):
            if not match[1].isdigit():
                yield Contact(f"{kind}:{match[1]}", *folded.origin(*match.span()))
    for phone in phones(text, region):
        yield Contact(f"tel:{phone.number}", phone.start, phone.stop)


def _emails(folded: Folded) -> Iterator[Contact]:
    for pattern in (EMAIL, WORDED_EMAIL):
        for match in islice(pattern.finditer(folded.text), MAX_EACH):
            domain = re.sub(r"\s?[(\[{]\s?dot\s?[)\]}]\s?|\sdot\s", ".", match[2])
            yield Contact(f"email:{match[1]}@{domain}", *folded.origin(*match.span()))


def masked(text: str, found: tuple[Contact, ...]) -> str:
    """The text with every contact replaced by its kind, such as `[tel]`."""
    pieces: list[str] = []
    done = 0
    for contact in found:
        pieces += [text[done : contact.start], f"[{contact.identifier.partition(':')[0]}]"]
        done = contact.stop
    return "".join((*pieces, text[done:]))


def tokens(found: tuple[Contact, ...], tokenise: Callable[[str], str]) -> tuple[str, ...]:
    """A keyed token for each different contact; from here on the contact itself is gone."""
    return tuple(dict.fromkeys(tokenise(contact.identifier) for contact in found))
