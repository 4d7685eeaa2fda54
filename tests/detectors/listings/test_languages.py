"""Every text flag reads sixteen languages: a made sentence that fires and one that does not, each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from manumit.detectors.catalogue import detector
from manumit.detectors.contract import TextFlag
from manumit.detectors.stories import advert
from manumit.detectors.text.advert import said

LANGUAGES = frozenset("en es pt fr de sq ro ru ar vi th km my zh tl id".split())
FILES = sorted((Path(__file__).parent / "sentences").glob("*.toml"))


def sentences() -> Iterator[tuple[str, str, str, str]]:
    for path in FILES:
        rows = tomllib.loads(path.read_text("utf-8"))
        flag = rows.pop("flag")
        for language, row in rows.items():
            yield flag, language, row["fires"], row["silent"]


SENTENCES = [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in sentences()]


@pytest.mark.parametrize(("flag", "language", "fires", "silent"), SENTENCES)
def test_a_sentence_fires_and_another_does_not(flag: str, language: str, fires: str, silent: str) -> None:
    found = detector(flag)
    assert isinstance(found, TextFlag)
    values = found.about.values()
    for text, expected in ((fires, True), (silent, False), (fires.upper(), True)):
        for kind in found.kinds:
            listing = msgspec.structs.replace(advert("a", "other", text), kind=kind)
            spans = found.find(listing, values)
            assert bool(spans) is expected, (language, text, [span.text for span in spans])
            assert all(said(listing)[span.start : span.stop] == span.text for span in spans)


def test_every_flag_has_a_sentence_in_every_language() -> None:
    told: dict[str, set[str]] = {}
    for flag, language, _, _ in sentences():
        told.setdefault(flag, set()).add(language)
    assert len(told) >= 7
    for flag, languages in told.items():
        assert languages == LANGUAGES, flag
