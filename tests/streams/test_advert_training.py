"""The model of job adverts: learned from a file, the same each time, used as a flag that quotes masked words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import pytest

from manumit.connectors.listings.emscad import labelled, read_emscad
from manumit.connectors.models import load
from manumit.connectors.tokens import tokeniser
from manumit.connectors.world.labelled_adverts import made_adverts, write_adverts
from manumit.detectors.models.advert_words import AdvertModel, learn, score
from manumit.detectors.models.job_advert_model import ABOUT, flag
from manumit.detectors.stories import advert
from manumit.detectors.text.advert import said
from manumit.detectors.text.reading import read
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import ListingKind
from manumit.schemas.settings import Settings
from manumit.streams.advert_training import evaluate, near_copies, quiet, train_adverts
from manumit.streams.assembly import pipeline
from manumit.streams.watching import listing_signals

ROWS = made_adverts(seed=3, adverts=300)
SCAM = (
    "Weekly cash from home, starting today, no interview. Send your identity card and bank login by messenger, pay the "
    "starter kit with a gift card: +1 202 555 0147, ask for Vera Exampleova."
)
HONEST = (
    "Early shift in the second hall. Forklift licence and two references. Paid holidays, pension plan, shift roster."
)


@cache
def model() -> AdvertModel:
    adverts = quiet(labelled(iter(ROWS)))
    return learn(adverts.texts, adverts.is_fraud, near_copies(adverts.texts), 1)


def test_the_same_file_and_seed_give_the_same_model_file(tmp_path: Path) -> None:
    write_adverts(ROWS, tmp_path / "made.csv")
    first, rows = train_adverts(tmp_path / "made.csv", tmp_path / "a", 1)
    again, _ = train_adverts(tmp_path / "made.csv", tmp_path / "b", 1)
    assert (first.name, rows) == (again.name, 300)
    loaded = AdvertModel.of(load(first))
    assert score(loaded, [SCAM, HONEST]).tolist() == score(model(), [SCAM, HONEST]).tolist()
    with_model = pipeline(Settings(advert_model=str(first)))
    assert ABOUT.id in with_model.judges.abouts
    assert with_model.digest != pipeline(Settings()).digest


def test_what_reads_like_fraud_scores_high_and_is_a_probability() -> None:
    scam, honest = score(model(), [SCAM, HONEST])
    assert 0 <= honest < 0.1 < 0.9 < scam <= 1


def test_scores_do_not_depend_on_what_stands_beside() -> None:
    together = score(model(), [SCAM, HONEST, SCAM])
    assert [score(model(), [text])[0] for text in (SCAM, HONEST, SCAM)] == pytest.approx(together.tolist(), abs=1e-12)


@pytest.mark.parametrize(
    ("text", "kind", "fires"), [(SCAM, "job", True), (HONEST, "job", False), (SCAM, "rental", False)]
)
def test_the_flag(text: str, kind: ListingKind, fires: bool) -> None:
    listing = read(advert("a", kind, text), tokeniser(b"k" * 32))
    signals = listing_signals(listing, [flag(model())], {ABOUT.id: ABOUT.values()})
    assert bool(signals) == fires
    for signal in signals:
        assert 0.9 <= signal.values["score"] <= 1
        assert 1 <= len(signal.spans) <= 6
        assert not any("Exampleova" in span or "555" in span for span in signal.spans)


def test_spans_stand_in_the_advert() -> None:
    listing = read(advert("a", "job", SCAM), tokeniser(b"k" * 32))
    for span in flag(model()).find(listing, ABOUT.values()):
        assert said(listing)[span.start : span.stop] == span.text


def test_near_copies_share_a_group_and_never_stand_on_both_sides() -> None:
    adverts = labelled(iter(ROWS))
    groups = near_copies(adverts.texts)
    assert len(set(groups.tolist())) < 0.75 * len(groups)
    by_text: dict[str, int] = {}
    for text, group in zip(adverts.texts, groups.tolist(), strict=True):
        assert by_text.setdefault(text, group) == group
    found = evaluate(adverts, seeds=(7,))
    assert found.groups == len(set(groups.tolist()))
    assert found.ap.low <= found.ap.mean <= found.ap.high <= 1
    assert found.ap.mean > 0.8
    assert 0 <= found.recall.low <= found.recall.high <= 1


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("title,text\na,b\n")
    with pytest.raises(ConfigError, match="company_profile"):
        read_emscad(tmp_path / "other.csv")
    with pytest.raises(ConfigError, match="No such file"):
        read_emscad(tmp_path / "away.csv")


def test_rows_without_text_or_label_are_counted() -> None:
    rows = [*ROWS[:3], {**ROWS[0], "fraudulent": "maybe"}, {"fraudulent": "1"}]
    found = labelled(iter(rows))
    assert (len(found.texts), found.refused) == (3, 2)


def test_too_few_adverts_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 5"):
        learn(["a b", "c d"], np.array([True, False]), np.arange(2), 1)


def test_a_damaged_model_is_refused() -> None:
    parts = model().parts()
    with pytest.raises(ConfigError, match="rarity"):
        AdvertModel.of({**parts, "rarity": parts["rarity"][:9]})


def test_markup_is_no_word_of_an_advert() -> None:
    assert "<p>" not in "".join(labelled(iter(ROWS)).texts)
    assert msgspec.json.encode(ROWS) == msgspec.json.encode(made_adverts(seed=3, adverts=300))
