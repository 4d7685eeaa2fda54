"""The crawl against a real site: what is asked, what is given, and what a restart changes (nothing)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.register import register
from manumit.schemas.errors import ConfigError, EdgeDown
from tests.connectors.listings.crawling.site import (
    DAY_US,
    HOUR_US,
    NOW_US,
    Answer,
    Clock,
    Site,
    crawling,
    entry,
    key,
    serving,
)
from tests.servers import wait_until

ROOT = Path(__file__).parents[4]
COOK = "A cook is wanted at the harbour kitchen, evenings, 14 an hour, ask at the desk."
JOB = """<script type="application/ld+json">{"@type": "JobPosting", "title": "Kitchen help",
"description": "<p>Kitchen help is wanted at the <b>harbour</b>, evenings and weekends.</p>",
"datePosted": "2026-03-10", "hiringOrganization": {"name": "Harbour Kitchen"},
"jobLocation": {"address": {"streetAddress": "1 Quay", "addressLocality": "Exampleton", "addressCountry": "XA"}},
"baseSalary": {"currency": "EUR", "value": {"value": 14.5, "unitText": "HOUR"}},
"image": "face.jpg", "email": "kitchen@board.example"}</script>"""


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_adverts_are_found_revised_and_taken_down(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", COOK, ("ETag", '"a"'), ("Last-Modified", "Tue, 10 Mar 2026 09:00:00 GMT"))
    site.advert("/ads/2", "unread", head=JOB)
    site.sitemap("/ads/1", "/ads/2", "/about", "/private/x", "http://169.254.169.254/ads/3")
    with crawling(site, tmp_path, clock, "/sitemap.xml") as crawl:
        (first, second), letters = crawl.drain()
        assert (letters, first.listing_id, first.revision) == ([], site.url("/ads/1"), 0)
        assert (first.title, first.text, first.kind, first.source) == ("Advert", COOK, "job", "board")
        assert (second.title, second.place, second.poster) == ("Kitchen help", "Exampleton, XA", "Harbour Kitchen")
        assert second.text == "Kitchen help is wanted at the harbour, evenings and weekends."
        assert [(price.amount, price.currency, price.per) for price in second.prices] == [("14.5", "EUR", "hour")]
        assert (second.contacts, second.at_us) == (("kitchen@board.example",), NOW_US)
        assert site.paths() == ["/robots.txt", "/sitemap.xml", "/ads/1", "/ads/2"]
        assert all(one.headers["User-Agent"] == "manumit (desk@board.example)" for one in site.asked)
        assert not any(name in one.headers for one in site.asked for name in ("Cookie", "Referer"))

        site.advert("/ads/2", "unread", head=JOB.replace("evenings", "mornings"))
        clock.now_us += DAY_US
        (again,), _ = crawl.drain()
        assert (again.listing_id, again.revision, again.at_us, again.op) == (site.url("/ads/2"), 1, clock.now_us, 1)
        marks = [one.headers for one in site.asked if one.path == "/ads/1"][1]
        assert (marks["If-None-Match"], marks["If-Modified-Since"]) == ('"a"', "Tue, 10 Mar 2026 09:00:00 GMT")

        site.pages["/ads/1"] = Answer(status=410)
        clock.now_us += DAY_US
        (gone,), _ = crawl.drain()
        assert (gone.listing_id, gone.revision, gone.op, gone.title, gone.text) == (first.listing_id, 1, -1, "", "")
        assert gone.event_id != first.event_id

        site.advert("/ads/1", COOK)
        clock.now_us += 2 * DAY_US
        (back,), _ = crawl.drain()
        assert (back.listing_id, back.revision, back.op, back.text) == (first.listing_id, 2, 1, COOK)


def test_a_page_that_its_sitemap_lacks_twice_is_taken_down(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", COOK)
    site.advert("/ads/2", f"{COOK} Weekends too.")
    site.sitemap("/ads/1", "/ads/2")
    with crawling(site, tmp_path, clock, "/sitemap.xml", revisit_s=900_000.0) as crawl:
        assert len(crawl.drain()[0]) == 2
        whole = site.pages["/sitemap.xml"]
        for body in (whole.body[:-20], b"<urlset>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><urlset>&a;</urlset>"):
            site.pages["/sitemap.xml"] = Answer(body)
            clock.now_us += HOUR_US
            listings, letters = crawl.drain()
            assert (listings, [letter.reason for letter in letters]) == ([], ["malformed"])
        site.sitemap("/ads/2")
        clock.now_us += HOUR_US
        assert crawl.drain() == ([], [])
        clock.now_us += HOUR_US
        (gone,), _ = crawl.drain()
        assert (gone.listing_id, gone.op, gone.revision) == (site.url("/ads/1"), -1, 1)
        clock.now_us += HOUR_US
        assert crawl.drain() == ([], [])


def test_robots_and_delay_are_obeyed_and_have_no_switch(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.pages["/robots.txt"] = Answer(
        b"User-agent: Manumit\nDisallow: /ads/no\nCrawl-delay: 0.3\n\nUser-agent: *\nAllow: /\n"
    )
    site.pages["/list"] = Answer(
        b'<a href="/ads/no">x</a> <a href="/ads/yes">y</a> <a rel="nofollow" href="/ads/n">z</a>'
    )
    site.advert("/ads/yes", COOK)
    with crawling(site, tmp_path, clock, "/list") as crawl:
        listings, (letter,) = crawl.drain()
        assert crawl.source.workers[0].delay_s == 0.3, "known to whoever waits for answers"
    assert [row.listing_id for row in listings] == [site.url("/ads/yes")]
    assert (letter.reason, letter.place) == ("robots", site.url("/ads/no"))
    assert site.paths() == ["/robots.txt", "/list", "/ads/yes"]
    times = [one.at_s for one in site.asked]
    assert times[2] - times[1] >= 0.29, "the wait that robots.txt asks for"


@pytest.mark.parametrize("robots", [Answer(status=503), Answer(b"User-agent: *\n", times=200_000)])
def test_without_a_readable_robots_file_nothing_is_asked(
    site: Site, tmp_path: Path, clock: Clock, robots: Answer
) -> None:
    site.pages["/robots.txt"] = robots
    site.advert("/ads/1", COOK)
    with crawling(site, tmp_path, clock, "/ads/1") as crawl, pytest.raises(EdgeDown, match=r"robots\.txt"):
        crawl.drain()
    assert site.paths() == ["/robots.txt"]


def test_what_a_page_asks_of_machines_is_obeyed(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", COOK, head='<meta name="robots" content="noindex">')
    site.advert("/ads/2", COOK, ("X-Robots-Tag", "none"))
    site.pages["/list"] = Answer(b'<a href=/ads/1>x</a><a href=/ads/2>x</a><a href="/list?2">x</a>')
    site.pages["/list?2"] = Answer(b'<meta name="robots" content="nofollow"><a href=/ads/3>x</a>')
    with crawling(site, tmp_path, clock, "/list") as crawl:
        listings, letters = crawl.drain()
    assert (listings, [letter.reason for letter in letters]) == ([], ["robots", "robots"])
    assert "/ads/3" not in site.paths()


def test_a_host_that_wants_to_be_left_alone_is(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", COOK)
    site.sitemap("/ads/1")
    with crawling(site, tmp_path, clock, "/sitemap.xml") as crawl:
        crawl.drain()
        position = crawl.position
        site.pages["/sitemap.xml"] = Answer(status=429, headers=(("Retry-After", "3600"),))
        clock.now_us += DAY_US
        with pytest.raises(EdgeDown, match="429"):
            crawl.drain()
    count = len(site.asked)
    clock.now_us += HOUR_US // 2
    with crawling(site, tmp_path, clock, "/sitemap.xml", after=position) as crawl:
        assert next(crawl.running).caught_up, "the others need not wait"
        with pytest.raises(EdgeDown, match="left alone"):
            next(crawl.running)
    assert len(site.asked) == count
    clock.now_us += HOUR_US
    site.sitemap("/ads/1")
    with crawling(site, tmp_path, clock, "/sitemap.xml", after=position) as crawl:
        crawl.drain()
    assert len(site.asked) > count


def test_a_restart_from_any_checkpoint_loses_and_doubles_nothing(site: Site, tmp_path: Path, clock: Clock) -> None:
    for number in range(2):
        site.advert(f"/ads/{number}", f"{COOK} Number {number}.")
    site.sitemap(*(f"/ads/{number}" for number in range(2)))
    given: dict[str, list[str]] = {}
    with crawling(site, tmp_path / "first", clock, "/sitemap.xml") as crawl:
        known: list[str] = []
        while (batch := next(crawl.running)).position not in given:
            known = [*known, *(row.event_id for row in batch.listings)]
            given[batch.position] = known
        as_killed = tmp_path / "killed"
        shutil.copytree(tmp_path / "first", as_killed)  # as a kill would leave it: open, its newest steps in the WAL
    assert len(known) == 2
    for position, before in given.items():
        folder = tmp_path / position
        shutil.copytree(as_killed, folder)
        with crawling(site, folder, clock, "/sitemap.xml", after=position) as resumed:
            rest, _ = resumed.drain()
        assert [*before, *(row.event_id for row in rest)] == known


RUN = """
import sys
from pathlib import Path
from tests.connectors.listings.crawling.site import Clock, Site, crawling
with crawling(Site(port=int(sys.argv[1])), Path(sys.argv[2]), Clock(), "/sitemap.xml", delay_s=0.05) as crawl:
    for batch in crawl.running:
        process = crawl.source.workers[0].process
        print(batch.position, process.pid, *(row.event_id for row in batch.listings), flush=True)
"""


def test_killed_in_the_middle_it_goes_on_and_leaves_no_process_behind(site: Site, tmp_path: Path, clock: Clock) -> None:
    for number in range(8):
        site.advert(f"/ads/{number}", f"{COOK} Number {number}.")
    site.sitemap(*(f"/ads/{number}" for number in range(8)))
    command = [sys.executable, "-c", RUN, str(site.port), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline().split() for _ in range(4)]
        running.kill()
    position, child = lines[1][:2]
    before = [event for line in lines[:2] for event in line[2:]]
    with crawling(site, tmp_path, clock, "/sitemap.xml", after=position) as crawl:
        rest, _ = crawl.drain()
    after = [row.event_id for row in rest]
    assert sorted((*before, *after)) == [f"listing:board:{site.url(f'/ads/{number}')}:0" for number in range(8)]
    status = Path(f"/proc/{child}/stat")
    wait_until(lambda: not status.exists() or ") Z" in status.read_text(), what="the crawl's process to end too")


def test_killing_the_process_of_the_crawl_stops_nothing(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", COOK)
    site.sitemap("/ads/1")
    with crawling(site, tmp_path, clock, "/sitemap.xml") as crawl:
        next(crawl.running)
        (worker,) = crawl.source.workers
        assert worker.process is not None
        os.kill(worker.process.pid, signal.SIGKILL)
        listings, letters = crawl.drain()
        clock.now_us += DAY_US
        more, _ = crawl.drain()
    assert [row.listing_id for row in (*listings, *more)] == [site.url("/ads/1")]
    assert letters == []


def test_old_adverts_of_a_new_board_make_no_burst(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.advert("/ads/1", "x", head=JOB.replace("2026-03-10", "2025-12-01"))
    site.sitemap("/ads/1")
    with crawling(site, tmp_path, clock, "/sitemap.xml") as crawl:
        listings, (letter,) = crawl.drain()
        assert (listings, letter.reason, letter.payload[:7]) == ([], "late", "sha256:")
        site.advert("/ads/1", "x", head=JOB.replace("2026-03-10", "2025-12-01").replace("evenings", "mornings"))
        clock.now_us += DAY_US
        (changed,), _ = crawl.drain()
        assert (changed.revision, changed.at_us) == (0, clock.now_us)


def test_only_registered_hosts_with_rules_are_crawled(site: Site, tmp_path: Path, clock: Clock) -> None:
    plain = entry("board.example")
    known = register([plain])
    for starts, said in (
        (["http://other.example/list"], "source register"),
        (["file:///etc/hostname"], "only http"),
        (["http://board.example:81/"], "source register"),
        (["http://u:p@board.example/"], "password"),
    ):
        source = CrawlSource(starts=starts, register=known, folder=tmp_path, key=key, now_us=clock)
        with pytest.raises(ConfigError, match=said):
            next(source.batches(None))
    with pytest.raises(ConfigError, match="no position"):
        next(CrawlSource(starts=["http://board.example/"], register=known, folder=tmp_path, key=key).batches("1:2"))
    with crawling(site, tmp_path, clock, "/list") as crawl:
        next(crawl.running)
        with pytest.raises(ConfigError, match="another run"):
            next(
                CrawlSource(
                    starts=crawl.source.starts, register=crawl.source.register, folder=tmp_path, key=key
                ).batches(None)
            )
    with pytest.raises(ConfigError, match="older than the checkpoint"):
        next(
            CrawlSource(starts=crawl.source.starts, register=crawl.source.register, folder=tmp_path, key=key).batches(
                "999"
            )
        )


def test_stop_ends_it_while_it_waits_for_an_answer(site: Site, tmp_path: Path, clock: Clock) -> None:
    site.pages["/list"] = Answer(b"<p>still coming", times=10**9)
    with crawling(site, tmp_path, clock, "/list", delay_s=0.0) as crawl:
        asked = threading.Event()
        site.on_ask = lambda path: asked.set() if path == "/list" else None

        def stop() -> None:
            asked.wait(20)
            crawl.source.stop()

        stopper = threading.Thread(target=stop)
        stopper.start()
        assert list(crawl.running) == []
        stopper.join()
