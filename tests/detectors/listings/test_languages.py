"""Every text flag reads sixteen languages: a made sentence that fires and one that does not, each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from manumit.detectors.catalogue import detector
from manumit.detectors.contract import ListingRule, Span, TextFlag
from manumit.detectors.listings.job_pay_outlier import LISTING_RULE as PAY
from manumit.detectors.listings.job_pay_outlier import job, market
from manumit.detectors.stories import DAY, advert
from manumit.detectors.text.advert import said
from manumit.schemas.listing import Listing
from manumit.streams.repetition import Repetition

LANGUAGES = frozenset(("en", "es", "pt", "fr", "de", "sq", "ro", "ru", "ar", "vi", "th", "km", "my", "zh", "tl", "id"))
HERE = Path(__file__).parent
PAY_FILE = HERE / "pay_sentences.toml"
FLAGS = (
    "li-job-hotspot-destination",
    "li-job-vague-employer",
    "li-per-head-supply-post",
    "li-rental-anonymous-payment",
    "li-rental-overcrowded-tied",
    "li-smuggling-crossing-offer",
    "li-smuggling-document-bundle",
)


def sentences() -> Iterator[tuple[str, str, str, str]]:
    files = {flag: HERE / "sentences" / f"{flag}.toml" for flag in FLAGS} | {PAY.about.id: PAY_FILE}
    for flag, path in files.items():
        rows = tomllib.loads(path.read_text("utf-8"))
        yield from ((flag, name, row["fires"], row["silent"]) for name, row in rows.items() if isinstance(row, dict))


SENTENCES = [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in sentences()]


@pytest.mark.parametrize(("flag", "language", "fires", "silent"), SENTENCES)
def test_a_sentence_fires_and_another_does_not(flag: str, language: str, fires: str, silent: str) -> None:
    found = detector(flag)
    assert isinstance(found, TextFlag | ListingRule)
    for text, expected in ((fires, True), (silent, False), (fires.upper(), True)):
        for kind in found.kinds:
            listing = msgspec.structs.replace(advert("a", "other", text), kind=kind)
            spans = evidence(found, listing)
            assert bool(spans) is expected, (language, text, [span.text for span in spans])
            assert all(said(listing)[span.start : span.stop] == span.text for span in spans)


def evidence(found: TextFlag | ListingRule, listing: Listing) -> tuple[Span, ...]:
    if isinstance(found, TextFlag):
        return found.find(listing, found.about.values())
    return found.says(listing, found.about.values()) if found.says else ()


@pytest.mark.parametrize(("language", "fires", "silent"), [row[1:] for row in sentences() if row[0] == PAY.about.id])
def test_pay_beside_its_market(language: str, fires: str, silent: str) -> None:
    """Twenty others of the occupation at 1,000 a month, in that language, then three times as much."""
    for text, expected in ((fires, True), (silent, False)):
        others = [msgspec.structs.replace(row, text=f"{fires} {i}") for i, row in enumerate(market())]
        running = Repetition([PAY], {PAY.about.id: PAY.about.values()})
        found = running.take([*others, job("a", "3000", DAY, text)])
        assert bool(found) is expected, language
        if expected:
            (signal,) = found
            assert signal.values == {
                "deviations": pytest.approx(4.94, abs=0.01),
                "ratio": 3.0,
                "peers": 20.0,
                "campaign_size": signal.values["campaign_size"],
            }
            assert [span.partition(":")[0] for span in signal.spans] == ["office", "unskilled"]


SEEKERS = tomllib.loads((HERE / "seekers.toml").read_text("utf-8"))


@pytest.mark.parametrize(("flag", "language"), [(flag, language) for flag in SEEKERS for language in sorted(LANGUAGES)])
def test_whoever_seeks_is_not_whoever_offers(flag: str, language: str) -> None:
    """The same words without those of seeking would be an offer."""
    found = detector(flag)
    assert isinstance(found, TextFlag)
    listing = msgspec.structs.replace(advert("a", "other", SEEKERS[flag][language]), kind=found.kinds[0])
    assert found.find(listing, found.about.values()) == ()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(f"{found.find.__module__}.seeks", lambda text, *what: False)
        assert found.find(listing, found.about.values()), language


def test_every_flag_has_a_sentence_in_every_language() -> None:
    told: dict[str, set[str]] = {}
    for flag, language, _, _ in sentences():
        told.setdefault(flag, set()).add(language)
    for flag, languages in told.items():
        assert languages == LANGUAGES, flag
