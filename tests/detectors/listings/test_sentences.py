"""Every text flag of word lists reads its sixteen languages: one invented sentence that fires, one that does not."""

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
from manumit.detectors.text.reading import read

LANGUAGES = ("en", "es", "pt", "fr", "de", "sq", "ro", "ru", "ar", "vi", "th", "km", "my", "zh", "tl", "id")
FILES = sorted((Path(__file__).parent / "sentences").glob("*.toml"))


def sentences() -> Iterator[pytest.ParameterSet]:
    for file in FILES:
        rows = tomllib.loads(file.read_text("utf-8"))
        for language in LANGUAGES:
            for side in ("fires", "silent"):
                name = f"{file.stem}: {language} {side}"
                yield pytest.param(file.stem, rows["kind"], rows[language][side], side == "fires", id=name)


@pytest.mark.parametrize(("flag_id", "kind", "text", "fires"), list(sentences()))
def test_sentence(flag_id: str, kind: str, text: str, fires: bool) -> None:
    flag = detector(flag_id)
    assert isinstance(flag, TextFlag)
    assert kind in flag.kinds
    listing = read(msgspec.structs.replace(advert("a", "other", text), kind=kind, contacts=()), "contact:{}".format)
    found = flag.find(listing, flag.about.values())
    assert bool(found) == fires, found
    told = [span for span in found if span.text]
    assert all(said(listing)[span.start : span.stop] == span.text for span in told)
