"""Which adverts leave the stream for the hotline: plain, legal wording of age, and ordinary text that must stay."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from bench.ordinary import sets
from manumit.detectors.stories import advert
from manumit.detectors.text.child_wording import child_wording, implies_minor
from manumit.detectors.text.hashed_terms import NO_TERMS
from manumit.detectors.text.normalise import fold
from manumit.schemas.listing import LISTING_KINDS, ListingKind

SIXTEEN = {
    "en": "sixteen years old", "es": "dieciséis años", "pt": "dezesseis anos", "fr": "seize ans",
    "de": "sechzehn Jahre alt", "sq": "gjashtëmbëdhjetë vjeç", "ro": "șaisprezece ani", "ru": "шестнадцать лет",
    "ar": "ستة عشر عاما", "vi": "mười sáu tuổi", "th": "สิบหกปี", "km": "ដប់ប្រាំមួយឆ្នាំ", "my": "ဆယ့်ခြောက်နှစ်",
    "zh": "十六岁", "tl": "labing-anim na taong gulang", "id": "enam belas tahun",
}  # fmt: skip
TWENTY_SIX = {
    "en": "twenty-six years old", "es": "veintiséis años", "es 36": "treinta y seis años", "pt": "vinte e seis anos",
    "fr": "vingt-six ans", "de": "sechsundzwanzig Jahre alt", "sq": "njëzet e gjashtë vjeç",
    "ro": "douăzeci și șase de ani", "ru": "двадцать шесть лет", "ar": "ستة وعشرون عاما", "vi": "hai mươi sáu tuổi",
    "th": "ยี่สิบหกปี", "km": "ម្ភៃប្រាំមួយឆ្នាំ", "my": "နှစ်ဆယ့်ခြောက်နှစ်", "zh": "二十六岁",
    "tl": "dalawampu't anim na taong gulang", "id": "dua puluh enam tahun",
}  # fmt: skip
IN_DIGITS = (
    "16 years old", "16 yo", "16-year-old", "16 y.o.", "age: 16", "aged 16", "age sixteen", "I'm 16", "just turned 16",
    "turned sixteen", "barely 17", "١٦ سنة", "อายุ ๑๖", "អាយុ ១៦", "အသက် ၁၆", "１６岁", "16 tuổi", "nine years old",
    "1\u200b6 years old", "16\u202e years old",
)  # fmt: skip
ORDINARY = (
    "2 children age 4 and 6", "Apartment for a family with kids 10 and 12", "16 years of experience",
    "A 17 inch screen",
    "Nanny for a girl of six", "School uniforms, sizes 10 to 16", "Our son is 16 years old and likes football",
    "Holiday job from 16 years old", "17 rooms, 16 beds", "Dog, 3 years old, needs a home", "I'm 15 minutes away",
)  # fmt: skip
OF_ADULTS = (
    "I'm 15 minutes from the station", "I'm 5 ft 6", "just turned 25", "barely 10 minutes away", "only 12 km away",
    "only 15 euros", "eighteen years old", "I'm 18", "age: 45", "16 inch", "fifteen minutes", "seventeen rooms",
    "10 years of experience", "in business for sixteen years", "open since 15 years", "turned 5 times",
)  # fmt: skip


def held(text: str, kind: ListingKind = "escort") -> bool:
    return child_wording(advert("a", kind, text), NO_TERMS)


@pytest.mark.parametrize("language", SIXTEEN)
def test_an_age_in_words_of_sixteen_languages(language: str) -> None:
    assert held(f"Evenings. {SIXTEEN[language]}.")


@pytest.mark.parametrize("language", TWENTY_SIX)
def test_a_larger_number_is_no_smaller_one(language: str) -> None:
    assert not held(f"Evenings. {TWENTY_SIX[language]}.")


@pytest.mark.parametrize("text", IN_DIGITS)
def test_an_age_in_digits_of_any_script(text: str) -> None:
    assert held(f"Evenings. {text}.")


@pytest.mark.parametrize("text", OF_ADULTS)
def test_other_numbers_of_such_adverts_stay(text: str) -> None:
    assert not implies_minor(fold(text).text)


@pytest.mark.parametrize("text", ORDINARY)
@pytest.mark.parametrize("kind", [kind for kind in LISTING_KINDS if kind not in ("escort", "massage")])
def test_ordinary_adverts_stay(kind: ListingKind, text: str) -> None:
    assert not held(text, kind)


@pytest.mark.parametrize("kind", LISTING_KINDS)
def test_an_advert_of_any_kind_that_sells_company_is_asked(kind: ListingKind) -> None:
    assert held("Escort agency. 16 years old.", kind)
    assert not held("Escort agency. 26 years old.", kind)


@pytest.mark.parametrize(
    "text",
    [
        "Escort", "Acompañante", "Acompanhante", "Accompagnatrice", "Begleitservice", "Eskortë", "Escortă", "Эскорт",
        "خدمات جنسية", "Gái gọi", "ไซด์ไลน์", "សេវាផ្លូវភេទ", "လိင်ဝန်ဆောင်မှု", "伴游", "Serbisyong sekswal", "Layanan seks",
    ],
)  # fmt: skip
def test_company_is_sold_in_sixteen_languages(text: str) -> None:
    assert held(f"{text}. 16 yo.", "other")


def test_every_number_below_eighteen() -> None:
    assert all(held(f"{age} years old") for age in range(18))
    assert not any(held(f"{age} years old") for age in range(18, 100))


def test_ordinary_sets_of_adverts_hold_none() -> None:
    """Housing, lets and messages of real people, where the data are."""
    folder = Path(os.environ.get("MANUMIT_SHARED_DATA", "/nowhere")) / "listings"
    if not folder.is_dir():
        pytest.skip("MANUMIT_SHARED_DATA names no folder with the sets")
    adverts = [row for found in islice(sets(folder, 20), 2) for row in found.adverts]
    assert len(adverts) > 500
    assert not [row.listing_id for row in adverts if child_wording(row, NO_TERMS)]
