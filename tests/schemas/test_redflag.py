"""The red-flag catalogue: complete, cited, honest about what was read."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from importlib.resources import files
from urllib.parse import urlsplit

import msgspec
import pytest

from manumit.schemas.key_term import all_key_terms, cited_key_terms, key_terms
from manumit.schemas.redflag import DOMAINS, PREFIXES, RedFlag, catalogue, citations, entry

every = pytest.mark.parametrize("flag", catalogue().values(), ids=catalogue().keys())
NOT_OURS = re.compile(
    r"(?<![\w.:/%])/[a-z]+/|file:|localhost|\b\d{3}_[0-9a-f]{6,}|\.txt\b|\bseed\b|from memory", re.IGNORECASE
)


def test_a_hundred_entries_in_four_domains() -> None:
    assert len(catalogue()) == 100
    assert Counter(f.domain for f in catalogue().values()) == {"transaction": 32, "kyc": 29, "listing": 26, "link": 13}
    assert list(dict.fromkeys(f.domain for f in catalogue().values())) == list(DOMAINS)


def test_no_id_is_used_twice_in_the_files() -> None:
    texts = [f.read_text("utf-8") for f in files("manumit.schemas.redflags").iterdir() if f.name.endswith(".toml")]
    ids = [found for text in texts for found in re.findall(r'\[\[entry\]\]\nid = "([^"]+)"', text)]
    assert sorted(ids) == sorted(catalogue())
    titles = [flag.title for flag in catalogue().values()]
    assert len(set(titles)) == len(titles)


@every
def test_an_entry_is_whole(flag: RedFlag) -> None:
    assert re.fullmatch(PREFIXES[flag.domain] + r"[a-z0-9]+(-[a-z0-9]+)*", flag.id)
    assert all((flag.title, flag.indicator, flag.logic, flag.window, flag.innocent, flag.evidence, flag.users))
    assert flag.typology not in flag.typology_also
    assert flag.indicator.endswith(".")
    assert len(flag.indicator) <= 240
    assert all(t.name and t.value for t in flag.thresholds)
    assert len({t.name for t in flag.thresholds}) == len(flag.thresholds)


@every
def test_an_entry_cites_a_publication_and_the_place_in_it(flag: RedFlag) -> None:
    assert flag.sources
    for source in flag.sources:
        assert all((source.name, source.ref, source.section, source.read))
        assert 2012 <= source.year <= 2026
        parts = urlsplit(source.url)
        assert not source.url or (parts.scheme == "https" and "." in str(parts.hostname) and " " not in source.url)
    assert [c.section for c in citations(flag)] == [s.section for s in flag.sources]
    assert {c.entry for c in citations(flag)} == {flag.id}


@every
def test_an_entry_names_nothing_of_a_workplace(flag: RedFlag) -> None:
    assert NOT_OURS.search(msgspec.json.encode(flag).decode()) is None


def test_the_twelve_weakly_sourced_entries_say_so() -> None:
    weak = {flag.id for flag in catalogue().values() if flag.weak_source}
    unread = {f.id for f in catalogue().values() if all(s.verification != "primary-text" for s in f.sources)}
    assert len(weak) == 12
    assert weak == unread
    assert {f.id for f in catalogue().values() if f.rests_on} == weak


def test_most_thresholds_are_ours_and_marked_so() -> None:
    origins = Counter(t.origin for flag in catalogue().values() for t in flag.thresholds)
    assert origins == {"ours": 163, "source": 18, "provider": 1, "law": 1}


def test_every_publication_is_cited() -> None:
    listed = tomllib.loads((files("manumit.schemas.redflags") / "sources.toml").read_text("utf-8"))
    assert set(listed) == {source.key for flag in catalogue().values() for source in flag.sources}


def test_an_unknown_entry_is_named() -> None:
    assert entry("tx-funnel-fan-in").domain == "transaction"
    with pytest.raises(KeyError, match="tx-none"):
        entry("tx-none")


@pytest.mark.parametrize(
    ("entry_id", "terms"),
    [
        (
            "tx-funnel-fan-in",
            {
                "us-fincen": "HUMAN TRAFFICKING FIN-2020-A008",
                "ca-fintrac": "#Project PROTECT",
                "uk-nca": "XXMSHTXX",
            },
        ),
        ("li-smuggling-crossing-offer", {"us-fincen": "FIN-2023-HUMANSMUGGLING", "uk-nca": "XXOICXX"}),
        ("tx-trial-then-large", {"us-fincen": "FIN-2023-PIGBUTCHERING"}),
        ("li-job-hotspot-destination", {"us-fincen": "HUMAN TRAFFICKING FIN-2020-A008", "uk-nca": "XXMSHTXX"}),
        ("tx-kiosk-scatter-same-address", {"us-fincen": "FIN-2025-CVCKIOSK"}),
        (
            "tx-csam-labelled-exposure",
            {"us-fincen": "OCSE-FIN-2021-NTC3", "ca-fintrac": "#Project SHADOW", "uk-nca": "XXV3XX"},
        ),
        ("tx-mixer-exposure", {}),
        ("lk-constellation", {}),
    ],
)
def test_key_terms_by_regime(entry_id: str, terms: dict[str, str]) -> None:
    assert key_terms(entry(entry_id)) == terms


def test_every_key_term_says_who_asks_for_it_and_where_it_goes() -> None:
    regimes = {regime.id for regime in all_key_terms().regime}
    for term in all_key_terms().term:
        assert term.regime in regimes
        assert all((term.where, term.ref, term.section, term.typologies or term.entries))
        assert set(term.entries) <= set(catalogue())
        assert term.url.startswith("https://") or term.verification == "third-party-list"
    assert cited_key_terms(entry("tx-funnel-fan-in"))["uk-nca"].verification == "third-party-list"


@pytest.mark.parametrize("of", ["typologies", "entries"])
def test_no_regime_asks_for_two_terms_at_once(of: str) -> None:
    asked = Counter((term.regime, name) for term in all_key_terms().term for name in getattr(term, of))
    assert max(asked.values()) == 1
