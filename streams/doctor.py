"""Looks at each part of an installation and names the remedy for what is sick."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from manumit.connectors.chains.follower import Follower
from manumit.connectors.labels.read import read_labels
from manumit.connectors.listings.asking import open_client
from manumit.connectors.listings.crawling.frontier import known_pages
from manumit.connectors.listings.feed_parse import parse_feed
from manumit.connectors.listings.fetch import Asker, Manners
from manumit.connectors.listings.register import SourceRegister, read_register
from manumit.connectors.models import load
from manumit.connectors.rates import read_rates
from manumit.connectors.store.opening import open_store
from manumit.connectors.tokens import load_key
from manumit.detectors.catalogue import coverage, detectors
from manumit.detectors.needs import CATEGORY, MARKED_MODEL, MODEL, RECORDS, STREAMING_MODEL, waiting
from manumit.schemas.errors import ManumitError
from manumit.schemas.label import Label
from manumit.schemas.settings import Settings
from manumit.streams.assembly import file_sources, now_us, pipeline
from manumit.streams.boards import crawls
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.nodes import follower

FREE_BYTES = 2 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part: healthy, or what is wrong and what to do."""

    part: str
    healthy: bool
    says: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Each part in turn; nothing is changed except that a missing token key and store folder are made."""
    yield tried("detectors", lambda: _detectors(settings))
    yield tried("packages", _packages)
    yield tried("store", lambda: _store(settings))
    yield tried("disk", lambda: _disk(Path(settings.state_dir)))
    yield tried(
        "token key", lambda: f"{len(load_key(Path(settings.token_key_file)))} bytes, readable by its owner only"
    )
    yield tried("checkpoint", lambda: _checkpoint(settings))
    yield tried("rates", lambda: f"{len(settings.rates)} files" if read_rates(settings.rates) else "none")
    for path in settings.labels:
        yield tried(f"labels {path}", lambda path=path: f"{len(read_labels(path)[0])} labels")  # type: ignore[misc]
    yield tried("data", lambda: _data(settings))
    if settings.inputs:
        yield tried("inputs", lambda: ", ".join(s.name for s in file_sources(settings, read_rates(settings.rates))))
    models = {
        "advert model": settings.advert_model,
        "model": settings.model,
        "marked model": settings.marked_model,
        "streaming model": settings.streaming_model,
    }
    for setting, path in models.items():
        if path:
            yield tried(setting, lambda path=path: f"{len(load(Path(path)))} parts")  # type: ignore[misc]
    if settings.feeds or settings.crawls:
        yield tried("source register", lambda: f"{len(_register(settings).entries)} hosts may be asked")
    for url in settings.feeds:
        yield tried(f"feed {url}", lambda url=url: _feed(settings, url))  # type: ignore[misc]
    for host in dict.fromkeys(urlsplit(url).netloc for url in settings.crawls):
        yield tried(f"crawl {host}", lambda host=host: _crawl(settings, host))  # type: ignore[misc]
    for node in settings.nodes:
        yield tried(f"node {node.name}", lambda node=node: _head(follower(settings, node, read_rates(()), now_us)))  # type: ignore[misc]


def tried(part: str, look: Callable[[], str]) -> Finding:
    """What `look` says, or why it cannot."""
    try:
        return Finding(part=part, healthy=True, says=look())
    except (ManumitError, OSError) as error:
        return Finding(part=part, healthy=False, says=str(error))


def _detectors(settings: Settings) -> str:
    pipeline(settings)
    covered = coverage()
    return f"{len(detectors())} detectors for {covered['implemented']} of {covered['total']} red flags"


def _packages() -> str:
    wanted = ("kafka", "faust", "web3", "sklearn", "clickhouse_driver", "chdb", "scrapy", "trafilatura", "extruct")
    missing = [name for name in wanted if find_spec(name) is None]
    if missing:
        raise OSError(f"{', '.join(missing)} cannot be imported: install manumit again with its constraints file")
    return "all that the settings may need are installed"


def _store(settings: Settings) -> str:
    store = open_store(settings.store_url)
    try:
        store.migrate()
        rows = store.query("SELECT count() AS n FROM alerts")
        return f"{settings.store_url.partition('@')[2] or settings.store_url} answers, {rows[0]['n']} alert rows"
    finally:
        store.close()


def _data(settings: Settings) -> str:
    """What the store and the settings show; inputs that were not read yet do not count."""
    store = open_store(settings.store_url)
    try:
        store.migrate()
        counts = {kind: store.query(f"SELECT count() AS n FROM {kind}")[0]["n"] for kind in RECORDS}  # noqa: S608 - ours
        categories = {row["category"] for row in store.query("SELECT DISTINCT category FROM labels FINAL")}
    finally:
        store.close()
    categories |= {label.category for path in settings.labels for label in _labels(path)}
    held = {kind for kind, count in counts.items() if count} | {CATEGORY + category for category in categories}
    held |= {kind for kind, told in _told(settings, categories).items() if told}
    waits = waiting(detectors(), held)
    listed = ", ".join(f"{need} ({count})" for need, count in waits.items())
    return f"detectors wait for data: {listed}" if waits else "every detector has the data it needs"


def _labels(path: str) -> tuple[Label, ...]:
    """None of a list that cannot be read: its own line says so."""
    try:
        return read_labels(path)[0]
    except ManumitError:
        return ()


def _told(settings: Settings, categories: set[str]) -> dict[str, bool]:
    return {
        "transfers": bool(settings.nodes),
        "listings": bool(settings.feeds or settings.crawls),
        "labels": bool(categories),
        MODEL: bool(settings.model),
        MARKED_MODEL: bool(settings.marked_model),
        STREAMING_MODEL: bool(settings.streaming_model),
    }


def _disk(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < FREE_BYTES:
        raise OSError(f"{free / 1e9:.1f} GB free under {folder}: free some, or move state_dir and the store")
    return f"{free / 1e9:.0f} GB free"


def _checkpoint(settings: Settings) -> str:
    found = Checkpoints(Path(settings.state_dir)).newest(pipeline(settings).digest)
    return "none yet" if found is None else f"{len(found.positions)} sources, {found.totals['events']} events"


def _register(settings: Settings) -> SourceRegister:
    return read_register(Path(settings.source_register))


def _feed(settings: Settings, url: str) -> str:
    """Asks once, as a run would."""
    with open_client() as client:
        answer = Asker(client=client, register=_register(settings), manners=Manners()).feed(url)
    adverts, faults = parse_feed(answer.body or b"", answer.charset)
    if faults:
        raise faults[0]
    return f"{len(adverts)} adverts"


def _crawl(settings: Settings, host: str) -> str:
    """Asks robots.txt and the first page once, as a run would."""
    own = tuple(url for url in settings.crawls if urlsplit(url).netloc == host)
    (source,) = crawls(msgspec.structs.replace(settings, crawls=own), Manners())
    said = source.look()
    known = known_pages(source.file)
    return f"{said}; " + ("no pages known, or a run has them" if known is None else f"{known} pages known")


def _head(one: Follower) -> str:
    try:
        one.reader.check_chain(one.chain)
        return f"at block {one.reader.head().height} of {one.chain}"
    finally:
        one.reader.close()
