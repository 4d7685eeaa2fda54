"""Addresses on the web. A site of one's own tells who somebody is, so none stays; they make no token.

Folded text in. The scheme, or `www.`, is left: that there is a site is a sign of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SIGNED = re.compile(r"(?:(?<!\w)(?:https?|ftp)\s?:\s?/\s?/|(?<![\w.])www\s?\.)\s?(?P<rest>[^\s<>\"'\[\]{}|]{2,400})")
ENDS = (
    "com|net|org|info|biz|io|me|co|app|site|online|club|xyz|top|shop|live|page|link|bio|escort|sex|xxx|porn|dating|"
    "tv|cc|ws|to|ee|gg|ly|gl|vip|pro|love|fans|social|blog|example|de|fr|es|it|pt|ru|uk|al|ro|vn|th|kh|mm|cn|hk|tw|"
    "ph|id|br|mx|eu|us|ch|at|nl|be|pl|cz|se|no|dk|fi|tr|ae|sa|jp|kr|in|my|sg"
)
BARE = re.compile(
    rf"(?<![\w.@/-])(?:[a-z0-9][a-z0-9_-]{{0,62}}\.){{1,4}}(?:{ENDS})(?:(?=[/?:])[^\s<>\"'\[\]{{}}|]{{1,400}}|(?![\w.-]*\w))"
)
TRAILING = ".,;:!?)*_'"

Place = tuple[int, int]


def links(text: str) -> Iterator[Place]:
    """Half-open spans in folded text."""
    for match in SIGNED.finditer(text):
        start, stop = match.span("rest")
        yield start, start + len(text[start:stop].rstrip(TRAILING)) or stop
    for match in BARE.finditer(text):
        yield match.start(), match.start() + len(match[0].rstrip(TRAILING))
