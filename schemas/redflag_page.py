"""The page docs/redflags.md, made from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from manumit.schemas.key_term import KeyTerm, all_key_terms, cited_key_terms
from manumit.schemas.markdown import bullets, code, link, page, plain, table
from manumit.schemas.redflag import DOMAINS, Domain, RedFlag, Source, Threshold, catalogue

TITLES: Mapping[Domain, str] = MappingProxyType(
    {
        "transaction": "Transfers",
        "kyc": "Customers and their accounts",
        "listing": "Adverts",
        "link": "Where adverts, customers and transfers meet",
    }
)
ORIGINS: Mapping[str, str] = MappingProxyType(
    {
        "source": "from the source",
        "ours": "ours, to calibrate",
        "provider": "from the identity provider",
        "law": "from law",
    }
)
READ: Mapping[str, str] = MappingProxyType(
    {
        "primary-text": "primary text",
        "secondary-summary": "secondary summary",
        "trade-article": "trade article",
        "third-party-list": "third-party list",
    }
)
HEAD = """# Red flags

This page is generated from `schemas/redflags/` by `scripts/pages`; edit the data, not the page.

Every detector cites an entry of this catalogue, and every entry cites the publications that name the sign.
The words are ours: publications are cited by reference and section and never quoted, and no source text is kept.
The check is always ours: no publication gives an algorithm. A number marked *ours, to calibrate* is a start
value, not an authority. No single sign is ground for a report, as the sources themselves say; *may open a
review* means no more than that. Most entries describe things that innocent people do too: read that line first.

How much of a source was read stands with it: *primary text* is the publisher's own words, *secondary summary*
somebody's summary of them, *trade article* an article without authority of its own. An entry is marked
**weak source** when no publisher's own words were read; check it against the publication before you rely on it.
The table of publications at the end says more exactly what was read."""


def redflag_page() -> str:
    """The whole page as Markdown."""
    return page([HEAD, _counts(), *_domains(), *_terms(), *_publications()])


def _of(domain: Domain) -> list[RedFlag]:
    return [flag for flag in catalogue().values() if flag.domain == domain]


def _counts() -> str:
    rows = [
        (TITLES[domain], str(len(_of(domain))), str(sum(flag.weak_source for flag in _of(domain))))
        for domain in DOMAINS
    ]
    total = (str(len(catalogue())), str(sum(flag.weak_source for flag in catalogue().values())))
    return table(("Domain", "Entries", "Weakly sourced"), [*rows, ("All", *total)])


def _domains() -> Iterator[str]:
    for domain in DOMAINS:
        yield f"## {TITLES[domain]}"
        yield table(("Entry", "Sign", "Main typology", "Severity"), (_row(flag) for flag in _of(domain)))
        for flag in _of(domain):
            yield from _entry(flag)


def _row(flag: RedFlag) -> tuple[str, ...]:
    weak = " (weak source)" if flag.weak_source else ""
    return (f"[{flag.id}](#{flag.id})", plain(flag.title) + weak, flag.typology, flag.severity)


def _entry(flag: RedFlag) -> Iterator[str]:
    yield f"### {flag.id}"
    yield f"**{plain(flag.title)}.** {plain(flag.indicator)}"
    if flag.weak_source:
        yield f"**Weak source.** {plain(flag.rests_on)}"
    yield bullets(_facts(flag))


def _facts(flag: RedFlag) -> Iterator[str]:
    also = f"; also {', '.join(flag.typology_also)}" if flag.typology_also else ""
    basis = "named by a source" if flag.basis == "source" else "derived by us from the sources"
    alone = "may open a review alone" if flag.alertable_alone else "never alone"
    yield f"{flag.typology}{also}; severity {flag.severity}; {basis}; {alone}"
    yield f"Innocent: {plain(flag.innocent)}"
    yield f"Check ({flag.kind}, window {plain(flag.window)}): {code(flag.logic)}"
    if flag.thresholds:
        yield f"Thresholds: {'; '.join(_threshold(t) for t in flag.thresholds)}"
    for source in flag.sources:
        yield _source(source)
    terms = cited_key_terms(flag)
    if terms:
        yield f"Key terms: {'; '.join(f'{regime} {code(term.term)}' for regime, term in terms.items())}"


def _threshold(threshold: Threshold) -> str:
    return f"{code(threshold.name)} = {plain(threshold.value)} ({ORIGINS[threshold.origin]})"


def _source(source: Source) -> str:
    place = f"{plain(source.ref)}: {plain(source.section)}"
    return f"Source: {link(source.name, source.url)}, {place} ({READ[source.verification]})"


def _terms() -> Iterator[str]:
    yield "## Key terms for reports"
    yield (
        "A term holds for the main typology of an entry, or for the entries it names. Generic laundering has none.\n"
        "Regimes revise their lists: check a term before filing, above all those marked *third-party list*."
    )
    for regime in all_key_terms().regime:
        yield f"### {regime.name}"
        rows = (_term(term) for term in all_key_terms().term if term.regime == regime.id)
        yield table(("Term", "Where", "For", "Source"), rows)


def _term(term: KeyTerm) -> tuple[str, ...]:
    source = f"{link(term.ref, term.url)}: {plain(term.section)} ({READ[term.verification]})"
    return (code(term.term), plain(term.where), ", ".join((*term.typologies, *term.entries)), source)


def _publications() -> Iterator[str]:
    cited = {source.key: source for flag in catalogue().values() for source in flag.sources}
    yield "## Publications"
    yield table(("Publication", "Reference", "Year", "Read"), (_publication(cited[key]) for key in sorted(cited)))


def _publication(source: Source) -> tuple[str, ...]:
    read = f"{READ[source.verification]}: {plain(source.read)}"
    return (link(source.name, source.url), plain(source.ref), str(source.year), read)
