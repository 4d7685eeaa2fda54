"""What an answer means: adverts given, revised or taken down, dead letters, and what is due when. No clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from urllib.parse import urlsplit

from msgspec.structs import replace

from manumit.connectors.listings.crawling.frames import (
    Advert,
    Answer,
    Away,
    Gone,
    Listed,
    Moved,
    PageKind,
    Pictured,
    Read,
    Refused,
    Unchanged,
)
from manumit.connectors.listings.crawling.frontier import AGAIN, FIRST, NEVER_US, OFTEN, Frontier, Page
from manumit.connectors.listings.feed_parse import feed_time_us
from manumit.connectors.listings.links import own_link
from manumit.connectors.listings.register import CrawlRules, SourceEntry
from manumit.schemas.dead_letter import DeadLetter, dead_letter
from manumit.schemas.errors import BadRecord
from manumit.schemas.listing import Listing
from manumit.schemas.records import name_of

SECOND_US, DAY_US = 1_000_000, 86_400_000_000
MOST_HOPS = 3
MISSING_TWICE = 2  # a sitemap that is being rewritten lacks pages for a moment
LONGEST_ID = 512
MOST_DOUBLINGS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Applies answers to one host's frontier, and gathers what they give. To be used inside of `stepping`.

    `last_us` dates dead letters (the last advert's time); `quiet` makes an address one that tells nobody.
    """

    source: str
    entry: SourceEntry
    rules: CrawlRules
    frontier: Frontier
    now_us: int
    last_us: int
    quiet: Callable[[str], str]
    listings: list[Listing] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)

    def take(self, page: Page, answer: Answer) -> None:
        """One answer about `page`."""
        match answer:
            case Read():
                self._read(page, answer)
            case Listed():
                self._listed(page, answer)
            case Unchanged():
                self._keep(page)
            case Gone():
                self._gone(page, f"HTTP {answer.status}")
            case Moved():
                self._moved(page, answer.to)
            case Refused():
                self.refuse(page, answer.reason, answer.message, answer.digest)
            case Away():
                self._later(page)
            case Pictured():
                self.refuse(page, "no-advert", "a picture where a page was asked for")

    def start(self, url: str) -> None:
        """A page or sitemap to begin with."""
        self.frontier.put(Page(url=url, kind=first_kind(url), due_us=self.now_us, turn=OFTEN))

    def kind_of(self, url: str) -> PageKind | None:
        """By the register's patterns; None: not to be read."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if any(fnmatchcase(path, pattern) for pattern in self.rules.adverts):
            return "advert"
        return "page" if any(fnmatchcase(path, pattern) for pattern in self.rules.pages) else None

    def _keep(self, page: Page, **changes: object) -> None:
        """The page as it is now, due after its own time."""
        wait_s = self.rules.revisit_s if page.kind == "advert" else self.rules.look_s
        turn = AGAIN if page.kind == "advert" else OFTEN
        due_us = self.now_us + round(wait_s * SECOND_US)
        self.frontier.put(replace(page, **{"turn": turn, "due_us": due_us, "fails": 0, **changes}))

    def _later(self, page: Page) -> None:
        """Waits twice as long after each failure."""
        fails = page.fails + 1
        wait_s = self.rules.look_s * 2 ** min(fails, MOST_DOUBLINGS)
        self.frontier.put(replace(page, fails=fails, due_us=self.now_us + round(wait_s * SECOND_US)))

    def _read(self, page: Page, answer: Read) -> None:
        for link in answer.links:
            self._found(link, hops=0)
        advert = answer.advert
        marks = {"etag": answer.etag, "modified": answer.modified}
        if advert is None or (digest := digest_of(advert)) == page.digest:
            self._keep(page, **marks)
        elif not page.digest and self._has_passed(advert):
            said = f"posted more than {self.rules.oldest_days} days before it was first seen"
            self._letter(page.url, "late", said, digest)
            self._keep(page, **marks, digest=digest)
        else:
            revision = page.revision + 1
            self.listings.append(self._listing(page.url, revision, advert))
            self._keep(page, **marks, digest=digest, revision=revision, stands=True)

    def _has_passed(self, advert: Advert) -> bool:
        if not self.rules.oldest_days or not advert.posted:
            return False
        try:
            posted_us = feed_time_us(advert.posted)
        except BadRecord:
            return False
        return posted_us < self.now_us - self.rules.oldest_days * DAY_US

    def _listing(self, url: str, revision: int, advert: Advert) -> Listing:
        return Listing(
            source=self.entry.name,
            listing_id=url if len(url) <= LONGEST_ID else sha256(url.encode()).hexdigest(),
            revision=revision,
            kind=self.entry.kind,
            at_us=self.now_us,
            seen_us=self.now_us,
            title=advert.title,
            text=advert.text,
            place=advert.place,
            prices=advert.prices,
            contacts=advert.contacts,
            poster=advert.poster,
            photos=advert.photos,
        )

    def _gone(self, page: Page, why: str) -> None:
        """A deletion event, when the advert stood. It is asked again only when something lists it again."""
        if page.kind != "advert":
            self.refuse(page, "no-advert", f"a page of lists is gone ({why})")
            return
        revision = page.revision
        if page.stands:
            revision += 1
            gone = self._listing(page.url, revision, Advert())
            self.listings.append(replace(gone, op=-1))
        put = replace(page, turn=AGAIN, due_us=NEVER_US, revision=revision, stands=False, gone_us=self.now_us)
        self.frontier.put(replace(put, etag="", modified="", digest="", listed_in="", missing=0, fails=0))

    def _moved(self, page: Page, to: str) -> None:
        """An advert that moved stands no more; where it went is another page. Nothing leads out of the host."""
        target = own_link(page.url, to, urlsplit(page.url).netloc)
        if not target or page.hops >= MOST_HOPS:
            message = "redirects again and again" if target else "redirects out of the host, or to no web address"
            self.refuse(page, "refused-address", message)
            return
        if page.kind == "advert":
            self._gone(page, "moved")
            self._found(target, hops=page.hops + 1)
        else:
            self._keep(page)
            known = self.frontier.get(target)
            if known is None:
                put = Page(url=target, kind=page.kind, due_us=self.now_us, turn=OFTEN, hops=page.hops + 1)
                self.frontier.put(put)

    def _listed(self, page: Page, answer: Listed) -> None:
        netloc = urlsplit(page.url).netloc
        found = {own_link(page.url, url, netloc): changed for url, changed in answer.pages}
        for url, changed in found.items():
            if url and self.kind_of(url) is not None:
                self._found(url, hops=0, listed_in=page.url, changed=changed)
        for url in filter(None, (own_link(page.url, url, netloc) for url in answer.sitemaps)):
            if self.frontier.get(url) is None and len(self.frontier) < self.rules.most_pages:
                self.frontier.put(Page(url=url, kind="sitemap", due_us=self.now_us, turn=OFTEN))
        if answer.fault:
            self._letter(page.url, "malformed", answer.fault, answer.fault)
        else:
            self._look_for_missing(page.url, found.keys())
        marks = {} if answer.fault else {"etag": answer.etag, "modified": answer.modified}
        self._keep(page, **marks)

    def _look_for_missing(self, sitemap: str, urls: object) -> None:
        listed = set(urls)  # type: ignore[call-overload]  # the keys of a dict
        for page in self.frontier.listed_in(sitemap):
            if page.url in listed:
                continue
            if page.missing + 1 >= MISSING_TWICE:
                self._gone(page, "no longer in the sitemap")
            else:
                self.frontier.put(replace(page, missing=page.missing + 1))

    def _found(self, url: str, *, hops: int, listed_in: str = "", changed: str = "") -> None:
        """A link or an entry of a sitemap: new pages become due, changed and returned ones too."""
        known, kind = self.frontier.get(url), self.kind_of(url)
        if kind is None:
            return
        if known is None:
            if len(self.frontier) < self.rules.most_pages:
                turn = FIRST if kind == "advert" else OFTEN
                put = Page(url=url, kind=kind, due_us=self.now_us, turn=turn, hops=hops)
                self.frontier.put(replace(put, listed_in=listed_in, changed=changed))
            return
        again = known.due_us == NEVER_US and self.now_us - known.gone_us >= self.rules.revisit_s * SECOND_US
        newer = changed not in ("", known.changed) and known.due_us != NEVER_US
        fresh = replace(known, listed_in=listed_in or known.listed_in, changed=changed or known.changed)
        fresh = replace(fresh, missing=0 if listed_in else known.missing)
        if again or newer:
            fresh = replace(fresh, due_us=min(known.due_us, self.now_us))
        if fresh != known:
            self.frontier.put(fresh)

    def refuse(self, page: Page, reason: str, message: str, digest: str = "") -> None:
        """A dead letter without a byte of the page, and a look at it later."""
        self._letter(page.url, reason, message, digest or page.url)
        fails = page.fails + 1
        wait_s = self.rules.revisit_s * 2 ** min(page.fails, MOST_DOUBLINGS)
        self.frontier.put(replace(page, turn=AGAIN, fails=fails, due_us=self.now_us + round(wait_s * SECOND_US)))

    def _letter(self, url: str, reason: str, message: str, payload: str) -> None:
        sealed = f"sha256:{sha256(payload.encode('utf-8', 'replace')).hexdigest()}"
        letter = dead_letter(
            source=self.source,
            place=self.quiet(url),
            reason=reason,
            message=message,
            payload=sealed,
            at_us=self.last_us,
            record=name_of(Listing),
        )
        self.letters.append(letter)


def first_kind(url: str) -> PageKind:
    """What an address to begin with is, by its name."""
    name = urlsplit(url).path.lower()
    return "sitemap" if "sitemap" in name or name.endswith((".xml", ".xml.gz")) else "page"


def digest_of(advert: Advert) -> str:
    """Changes when what the page says changes."""
    said = (advert.title, advert.text, advert.place, advert.poster, *advert.contacts, *map(str, advert.prices))
    return sha256("\x1f".join(said).encode("utf-8", "replace")).hexdigest()[:24]
