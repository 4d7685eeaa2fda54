"""Hostile pages, bodies, redirects and names against the whole crawl. What the process tried is on record."""

from __future__ import annotations

import gc
import gzip
import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from manumit.connectors.listings.crawling import child
from manumit.connectors.listings.crawling.budget import Overrun, within
from manumit.connectors.listings.crawling.child import ADVERT_CPU_S
from manumit.connectors.listings.crawling.frames import Ask, Refused, Setup
from manumit.connectors.listings.crawling.pages import read_page
from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.register import register
from manumit.detectors.text.reading import read
from manumit.schemas.errors import BadRecord
from manumit.schemas.listing import Listing
from tests.connectors.listings.crawling.site import DAY_US, NOW_US, Answer, Clock, Site, crawling, entry, key, serving

MEGABYTE = 1 << 20
LONGEST_CPU_S = 0.05
TEXT = "A cook is wanted at the harbour kitchen, evenings, 14 an hour, ask at the desk."
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)></svg>"
RTL = "\u202e\u2066\u2067\u2068\u202a\u202b\u202d"

# Put before the crawl's process by Python itself: writes down every connection and program that is tried, and lets a
# name answer differently each time.
RECORDER = """
import os, socket, sys
log = os.open(os.environ["TRIED"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def look(event, arguments):
    if event == "socket.connect" and arguments[0].family != socket.AF_UNIX:
        os.write(log, f"{arguments[1][0]} {arguments[1][1]}\\n".encode())
sys.addaudithook(look)
answers = [one for one in os.environ.get("NAME_LEADS_TO", "").split() if one]
real = socket.getaddrinfo
def rebinding(host, *rest, **named):
    if host in ("board.test", b"board.test"):
        host = answers.pop(0) if len(answers) > 1 else answers[0]
    return real(host, *rest, **named)
socket.getaddrinfo = rebinding
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[tuple[str, int]]]:
    """The addresses and ports that the crawl's process tried to connect to."""
    (tmp_path / "before").mkdir()
    (tmp_path / "before" / "sitecustomize.py").write_text(RECORDER)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "before"), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("TRIED", str(tmp_path / "tried"))

    def read_log() -> set[tuple[str, int]]:
        lines = [line.split() for line in (tmp_path / "tried").read_text().splitlines()]
        return {(address, int(port)) for address, port in lines}

    return read_log


def links(*hrefs: str) -> bytes:
    return "".join(f'<a href="{href}">x</a>' for href in hrefs).encode()


def test_no_link_or_redirect_leads_anywhere_else(
    site: Site, tmp_path: Path, clock: Clock, tried: Callable[[], set[tuple[str, int]]]
) -> None:
    with serving() as trap:
        bad = [
            "http://169.254.169.254/latest/meta-data/",
            "http://10.0.0.1/ads/x",
            "http://192.168.0.1/ads/x",
            "http://[::1]/ads/x",
            "http://[::ffff:169.254.169.254]/ads/x",
            "http://metadata.google.internal/ads/x",
            f"http://localhost:{trap.port}/ads/x",
            trap.url("/ads/x"),
            f"//{trap.netloc}/ads/x",
            f"http://{site.netloc}@{trap.netloc}/ads/x",
            f"http://2130706433:{trap.port}/ads/x",
            f"https://{site.netloc}.example/ads/x",
            "file:///etc/hostname",
            "ftp://127.0.0.1/ads/x",
            "gopher://127.0.0.1/ads/x",
            "javascript:alert(1)",
            "data:text/html,x",
            "http://[",
            "\\\\10.0.0.1\\ads\\x",
        ]
        for number, target in enumerate(bad):
            site.pages[f"/ads/{number}"] = Answer(status=302, headers=(("Location", target),))
        site.pages["/list"] = Answer(links(*bad, *(f"/ads/{number}" for number in range(len(bad)))))
        with crawling(site, tmp_path, clock, "/list") as crawl:
            listings, letters = crawl.drain()
        assert (listings, trap.connections) == ([], 0)
        reasons = {letter.place: letter.reason for letter in letters}
        assert {reasons[site.url(f"/ads/{number}")] for number in range(len(bad) - 1)} == {"refused-address"}
        assert tried() == {("127.0.0.1", site.port)}


def test_a_name_that_changes_its_mind_is_refused_before_it_is_asked(
    site: Site, tmp_path: Path, clock: Clock, tried: Callable[[], set[tuple[str, int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NAME_LEADS_TO", "127.0.0.1 127.0.0.1 169.254.169.254")
    closing = (("Connection", "close"),)
    site.pages = {
        "/robots.txt": Answer(b"", headers=closing),
        "/list": Answer(links("/ads/1"), headers=closing),
        "/ads/1": Answer(TEXT.encode()),
    }
    netloc = f"board.test:{site.port}"
    source = CrawlSource(
        starts=[f"http://{netloc}/list"], register=register([entry(netloc)]), folder=tmp_path, key=key, now_us=clock
    )
    running = source.batches(None)
    letters = [letter for _ in range(2) for letter in next(running).dead_letters]
    source.stop()
    assert list(running) == []
    assert [(letter.reason, letter.place) for letter in letters] == [("refused-address", f"http://{netloc}/ads/1")]
    assert "169.254.169.254" in letters[0].message
    assert site.paths() == ["/robots.txt", "/list"]
    assert tried() == {("127.0.0.1", site.port)}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433"])
def test_a_registered_host_on_this_machine_is_not_asked(
    site: Site, tmp_path: Path, clock: Clock, tried: Callable[[], set[tuple[str, int]]], host: str
) -> None:
    netloc = f"{host}:{site.port}"
    known = register([entry(netloc, is_test=False, delay_s=1.0)])
    source = CrawlSource(starts=[f"http://{netloc}/list"], register=known, folder=tmp_path, key=key, now_us=clock)
    running = source.batches(None)
    (letter,) = next(running).dead_letters
    source.stop()
    assert list(running) == []
    assert (letter.reason, site.connections) == ("refused-address", 0)
    assert tried() == set()


def test_bodies_that_never_end_or_swell_are_cut(site: Site, tmp_path: Path, clock: Clock) -> None:
    zeros = gzip.compress(bytes(100 * MEGABYTE), 9)
    packed, twice = (("Content-Encoding", "gzip"),), (("Content-Encoding", "gzip, gzip"),)
    site.pages |= {
        "/list": Answer(links(*(f"/ads/{number}" for number in range(7)))),
        "/ads/0": Answer(b"<p>" + b"x" * 65_533, times=1_600),
        "/ads/1": Answer(b"x" * MEGABYTE, headers=(("Content-Length", str(100 * MEGABYTE)),)),
        "/ads/2": Answer(zeros, headers=packed),
        "/ads/3": Answer(gzip.compress(zeros), headers=twice),
        "/ads/4": Answer(gzip.compress(TEXT.encode())[:-9], headers=packed),
        "/ads/5": Answer(gzip.compress(TEXT.encode()), headers=packed),
        "/ads/6": Answer(b"\x1b\x03", headers=(("Content-Encoding", "br"),)),
    }
    with crawling(site, tmp_path, clock, "/list") as crawl:
        (advert,), letters = crawl.drain()
    assert advert.text == TEXT
    assert [letter.reason for letter in letters] == [
        "too-large",
        "too-large",
        "too-large",
        "malformed",
        "truncated",
        "malformed",
    ]
    assert site.sent["/ads/0"] < 32 * MEGABYTE, "cut while it streams: what is left fills the sockets' buffers only"
    assert all(re.fullmatch("sha256:[0-9a-f]{64}", letter.payload) for letter in letters), "no byte of a page"


def hostile_pages() -> dict[str, bytes]:
    deep = "[" * 10_000 + "]" * 10_000
    fields = json.dumps(
        {"@type": "JobPosting", "title": SCRIPT + "Cook" + RTL, "description": SCRIPT + TEXT + RTL, "email": SCRIPT}
        | {
            "hiringOrganization": {"name": f"{RTL}{SCRIPT}Harbour"},
            "jobLocation": {"addressLocality": f"{SCRIPT}{RTL}"},
        }
    ).replace("</", "<\\/")
    ld = '<script type="application/ld+json">{}</script>'
    text = f"<p>{TEXT}</p>"
    return {
        "script in every field": f"<title>{SCRIPT}Cook</title>{ld.format(fields)}{SCRIPT}{text}".encode(),
        "deep json": (ld.format(deep) + text).encode(),
        "deep json in text": (ld.format(f'{{"@type": "Offer", "name": {deep}}}') + text).encode(),
        "endless json string": (ld.format('"\\' * 30_000) + text).encode(),
        "json comments": (ld.format("// x\n" * 13_000) + text).encode(),
        "huge json number": (ld.format('{"@type":"Offer","price":' + "9" * 60_000 + "}") + text).encode(),
        "lone surrogates": (ld.format('{"@type":"Offer","name":"\\ud800","datePosted":"\\udfff"}') + text).encode(),
        "direction overrides": f"<title>{RTL}Cook</title><p>{RTL}{TEXT}{RTL}".encode(),
        "deep tags": b"<div>" * 10_000 + text.encode(),
        "open tags": b"<a " * 200_000,
        "many tags": b"<b>x</b>" * 200_000,
        "many links": b"<a href=/ads/x?1>x</a>" * 90_000,
        "many breaks": b"<p>" + b"line<br>" * 200_000,
        "many attributes": b"<p " + b"a=1 " * 400_000,
        "one letter": b"<p>" + b"a" * 1_900_000 + b"!",
        "regex bait": b"<p>" + b"1-(" * 1_300 + b"@a." * 1_300 + b"\xe2\x82\xac1," * 20_000,
        "entities": b"<p>" + b"&#x202e;&lt;" * 100_000,
        "control letters": b"<p>" + "\x01\u202e".encode() * 100_000,
        "no encoding": b'<meta charset="punycode"><p>' + b"\xff\xfe" * 400_000,
        "nul bytes": b"<p>" + b"\0" * 1_000_000 + TEXT.encode(),
        "unended comment": b"<!--" + b"-- " * 600_000,
        "unended script": b"<script>" * 100_000,
        "nothing": b"",
    }


def test_every_hostile_page_gives_an_event_or_a_dead_letter(site: Site, tmp_path: Path, clock: Clock) -> None:
    bodies = hostile_pages()
    for number, body in enumerate(bodies.values()):
        site.pages[f"/ads/{number}"] = Answer(body)
    site.pages["/list"] = Answer(links(*(f"/ads/{number}" for number in range(len(bodies)))))
    with crawling(site, tmp_path, clock, "/list") as crawl:
        listings, letters = crawl.drain()
    events = {row.listing_id: row for row in listings}
    refused = {letter.place: letter.reason for letter in letters}
    urls = {name: site.url(f"/ads/{number}") for number, name in enumerate(bodies)}
    assert events.keys() | refused.keys() == set(urls.values())
    assert not events.keys() & refused.keys()
    assert set(refused.values()) <= {"no-advert", "malformed", "too-slow"}
    for row in listings:
        shown = f"{row.title}{row.text}{row.place}{row.poster}{row.contacts}"
        assert not any(mark in shown for mark in RTL)
        assert "alert(" not in shown
    assert events[urls["script in every field"]].title == "Cook"
    assert events[urls["script in every field"]].poster == "Harbour"
    for name in ("script in every field", "deep json", "endless json string", "lone surrogates", "direction overrides"):
        assert TEXT in events[urls[name]].text, name


@pytest.mark.parametrize("name", hostile_pages())
def test_no_hostile_page_computes_longer_than_an_advert_may(name: str) -> None:
    body = hostile_pages()[name]
    spent = []
    gc.disable()  # what the tests before left behind is not the page's
    for _ in range(3):  # the least of three: another process may spoil a cache
        began_s = time.process_time()
        try:
            with within(ADVERT_CPU_S):
                page = read_page(body, "http://x/", charset="", robots="", selectors={}, is_advert=True)
            assert page.advert is not None
            listing = Listing(
                source="x", listing_id="x", at_us=NOW_US, seen_us=NOW_US, title=page.advert.title, text=page.advert.text
            )
            read_s = time.process_time() - began_s
            began_s = time.process_time()
            read(listing, lambda contact: "contact:x")
            spent.append(max(read_s, time.process_time() - began_s))
        except (BadRecord, Overrun):
            spent.append(time.process_time() - began_s)
    gc.enable()
    assert min(spent) < LONGEST_CPU_S


def test_a_page_that_computes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    bait = re.compile("(a+)+$")
    monkeypatch.setattr(child, "read_page", lambda *given, **named: bait.match("a" * 64 + "!"))
    response = HtmlResponse("http://x/ads/1", body=b"<p>x", headers={"Content-Type": "text/html"})
    setup = Setup(netloc="x", agent="x", delay_s=0.0, loopback=False)
    answer = child.answer_of(response, Ask(url="http://x/ads/1", kind="advert"), setup)
    assert isinstance(answer, Refused)
    assert answer.reason == "too-slow"
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_a_page_on_which_the_process_dies_twice_is_refused(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.pages["/list"] = Answer(links("/ads/1", "/ads/2"))
    site.advert("/ads/1", TEXT)
    site.advert("/ads/2", TEXT)
    with crawling(site, tmp_path, clock, "/list") as crawl:

        def kill(path: str) -> None:
            process = crawl.source.workers[0].process
            if path == "/ads/1" and process is not None:
                process.kill()

        site.on_ask = kill
        (other,), letters = crawl.drain()
        assert (other.listing_id, letters) == (site.url("/ads/2"), [])
        clock.now_us += DAY_US
        _, (letter,) = crawl.drain()
    assert (letter.reason, letter.place) == ("malformed", site.url("/ads/1"))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "utf-8", "utf-16", "idna", "gb2312", "\u202e"]))
def test_any_bytes_are_a_page_or_a_bad_record(body: bytes, charset: str) -> None:
    for raw in (body, b'<script type="application/ld+json">' + body + b"</script><p>" + body):
        try:
            page = read_page(raw, "http://x/", charset=charset, robots="", selectors={"text": "p"}, is_advert=True)
        except BadRecord:
            continue
        assert page.advert is not None
        page.advert.text.encode()
