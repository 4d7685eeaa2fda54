"""robots.txt: against RFC 9309's examples, against Protego, and bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from manumit.connectors.listings.robots import Robots, fits, parse_robots, robots_of

SITE = "https://board.example"


def robots(*lines: str) -> Robots:
    return parse_robots("\n".join(lines).encode())


@pytest.mark.parametrize(
    ("pattern", "path", "is_fit"),
    [
        ("/fish", "/fish.html", True),
        ("/fish", "/Fish.asp", False),
        ("/fish*", "/fishheads/yummy.html?id=anything", True),
        ("/*.php", "/folder/any.php.file.html", True),
        ("/*.php$", "/filename.php", True),
        ("/*.php$", "/filename.php?parameters", False),
        ("/fish*.php", "/fishheads/catfish.php?parameters", True),
        ("/fish*.php", "/Fish.PHP", False),
        ("/a*b$", "/ab", True),
        ("/a*ab$", "/ab", False),
        ("/$", "/", True),
        ("/$", "/x", False),
        ("*", "/", True),
    ],
)
def test_patterns(pattern: str, path: str, is_fit: bool) -> None:
    assert fits(pattern, path) == is_fit


def test_the_longest_rule_wins_and_our_own_group_alone_counts() -> None:
    own = robots("User-agent: *", "Disallow: /", "", "user-agent: Manumit/1.0", "Disallow: /x # no", "Allow: /x/feed")
    assert [own.allows(SITE + path) for path in ("/", "/x", "/x/feed", "/x/fee")] == [True, False, True, False]
    both = robots("User-agent: other", "User-agent: manumit", "Disallow: /a", "User-agent: manumit", "Disallow: /b")
    assert [both.allows(SITE + path) for path in ("/a", "/b", "/c")] == [False, False, True]
    assert robots("Disallow: /").allows(SITE), "a rule without a group is nobody's"
    assert robots("User-agent: *", "Disallow:", "Disallow: /robots.txt").allows(f"{SITE}/robots.txt")


def test_delays() -> None:
    assert robots("User-agent: *", "Crawl-delay: 2.5", "Request-rate: 1/30s").delay_s == 30
    assert robots("User-agent: *", "Request-rate: 2/1m").delay_s == 30
    assert robots("User-agent: other", "Crawl-delay: 9", "User-agent: *", "Crawl-delay: soon").delay_s == 0
    assert robots("User-agent: *", "Crawl-delay: 999999999").delay_s == 86_400


def test_what_an_answer_means() -> None:
    assert robots_of(404, b"User-agent: *\nDisallow: /") == Robots()
    assert [robots_of(status, b"") for status in (429, 500, 301)] == [None, None, None]
    found = robots_of(
        200, b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /caf\xc3\xa9\r\n" + b"x" * 600_000 + b"\nDisallow: /"
    )
    assert found is not None
    assert [found.allows(SITE + path) for path in ("/caf%c3%a9", "/café", "/")] == [False, False, True]


PATHS = st.text("ab/*", max_size=8).map(lambda text: "/" + text)


@given(
    st.lists(st.tuples(st.sampled_from(("Allow", "Disallow")), PATHS, st.sampled_from(("", "$"))), max_size=6), PATHS
)
def test_the_same_as_protego(rules: list[tuple[str, str, str]], path: str) -> None:
    lines = ["User-agent: *", *(f"{key}: {pattern}{end}" for key, pattern, end in rules)]
    url = SITE + path.replace("*", "c")
    assert robots(*lines).allows(url) == Protego.parse("\n".join(lines)).can_fetch(url, "manumit")


def test_bait_costs_nothing() -> None:
    """Twenty stars over a thousand letters: a regular expression would not end."""
    bait = robots("User-agent: *", "Disallow: /" + "*a" * 20 + "b")
    assert bait.allows(SITE + "/" + "a" * 1_000)
