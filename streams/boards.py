"""Sites that adverts are read from, feeds and crawls: one pace and one robots.txt a host, whoever asks it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from manumit.connectors.contract import Source
from manumit.connectors.inbox import Inbox, PushSource
from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.fetch import Manners
from manumit.connectors.listings.register import SourceRegister, read_register
from manumit.connectors.tokens import load_key, tokeniser
from manumit.detectors.text.defaults import Defaults
from manumit.detectors.text.identifiers import quiet_identifier
from manumit.schemas.errors import ConfigError
from manumit.schemas.settings import Settings


def boards(settings: Settings) -> list[Source]:
    """Every feed and crawl. Raises ConfigError as `feeds` and `crawls`."""
    manners = Manners()
    return [*feeds(settings, manners), *crawls(settings, manners)]


def inbox(settings: Settings, clock: Callable[[], int]) -> Inbox:
    """Of bookings that platforms push."""
    return Inbox(folder=Path(settings.state_dir) / "pushed", clock=clock)


def pushes(settings: Settings, clock: Callable[[], int]) -> list[PushSource]:
    """None unless the settings take bookings."""
    return [PushSource(inbox=inbox(settings, clock))] if settings.bookings_push else []


def unsaid_by_source(settings: Settings) -> dict[str, Defaults]:
    """What the adverts of each source leave unsaid, feeds and files alike; nothing where there is no register.

    Raises ConfigError for a register that cannot be read, or two entries of one name that differ.
    """
    path, found = Path(settings.source_register), dict[str, Defaults]()
    for entry in read_register(path).entries.values() if path.exists() else ():
        said = Defaults(country=entry.country, currency=entry.currency, language=entry.language)
        if found.setdefault(entry.name, said) != said:
            raise ConfigError(f"source register {path}: entries named {entry.name!r} differ in country or money")
    return found


def feeds(settings: Settings, manners: Manners) -> list[FeedSource]:
    """Advert feeds. Raises ConfigError for a host that does not stand in the source register."""
    if not settings.feeds:
        return []
    register = read_register(Path(settings.source_register))
    for url in settings.feeds:
        register.entry(url)
    poll_s = settings.feed_poll_s
    return [FeedSource(url=url, register=register, poll_s=poll_s, manners=manners) for url in settings.feeds]


def crawls(settings: Settings, manners: Manners) -> list[CrawlSource]:
    """One for each host. Raises ConfigError for a host that the source register does not let be crawled."""
    hosts = dict.fromkeys(urlsplit(url).netloc for url in settings.crawls)
    register = read_register(Path(settings.source_register)) if hosts else SourceRegister({})

    @cache
    def key() -> bytes:
        return load_key(Path(settings.token_key_file))

    found = [
        CrawlSource(
            starts=[url for url in settings.crawls if urlsplit(url).netloc == host],
            register=register,
            folder=Path(settings.state_dir) / "crawl",
            key=key,
            quiet=lambda url: quiet_identifier(url, tokeniser(key())),
            pace=manners.pace(host),
        )
        for host in hosts
    ]
    for source in found:
        source.checked()
    return found
