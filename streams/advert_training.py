"""Learn what fraudulent job adverts read like, and show how well, with near-copies never on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from manumit.connectors.listings.emscad import LabelledAdverts, read_emscad
from manumit.connectors.models import save
from manumit.detectors.campaigns.clusters import Clusters
from manumit.detectors.models.advert_words import learn, score
from manumit.detectors.text.reading import quiet_text
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.errors import ConfigError

SEEDS = (7, 13, 23, 31, 43)
TEST_SHARE = 0.2
RESAMPLES = 400
PRECISION = 0.9
EVER_US = 2**60


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A mean over the splits, and the 95 % interval of resampled groups of near-copies over all splits."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """`ap` is average precision, `recall` that at a precision of 0.9; `groups` of near-copies among the adverts."""

    adverts: int
    fraudulent: int
    groups: int
    ap: Measured
    recall: Measured


def train_adverts(path: Path, folder: Path, seed: int) -> tuple[Path, int]:
    """Writes the model into `folder`; returns its path and how many adverts it learned from. Raises ConfigError."""
    adverts = quiet(read_emscad(path))
    model = learn(adverts.texts, adverts.is_fraud, near_copies(adverts.texts), seed)
    return save(model.parts(), folder), len(adverts.texts)


def quiet(adverts: LabelledAdverts) -> LabelledAdverts:
    """The same, masked: a model must not learn telephone numbers, and is asked about masked adverts."""
    texts = tuple(quiet_text(text) for text in adverts.texts)
    return LabelledAdverts(texts=texts, is_fraud=adverts.is_fraud, refused=adverts.refused)


def near_copies(texts: Sequence[str]) -> Int64s:
    """int64[n]: the campaign of each advert when all have been seen; near-copies share one."""
    assigned = Clusters(EVER_US).take(texts, np.arange(len(texts), dtype=np.int64))
    ended = {int(ends): int(stays) for _, stays, ends in assigned.merges}
    return np.array([_root(int(one), ended) for one in assigned.campaign], np.int64)


def _root(campaign: int, ended: dict[int, int]) -> int:
    while campaign in ended:
        campaign = ended[campaign]
    return campaign


def evaluate(adverts: LabelledAdverts, seeds: Sequence[int] = SEEDS) -> Evaluation:
    """Trains on four fifths of the groups and measures on the rest, once for each seed. Raises ConfigError."""
    groups = near_copies(adverts.texts)
    texts = np.array(adverts.texts, object)
    means: list[tuple[float, float]] = []
    resampled: list[tuple[float, float]] = []
    for seed in seeds:
        dice = np.random.default_rng(seed)
        test = _held_out(groups, dice)
        model = learn(texts[~test].tolist(), adverts.is_fraud[~test], groups[~test], seed)
        scores, truth = score(model, texts[test].tolist()), adverts.is_fraud[test]
        if not truth.any():
            raise ConfigError("no fraudulent advert fell into the held-out part: give more adverts")
        means.append(_measures(scores, truth))
        resampled += _resampled(scores, truth, groups[test], dice)
    return Evaluation(
        adverts=len(texts),
        fraudulent=int(adverts.is_fraud.sum()),
        groups=len(set(groups.tolist())),
        ap=_measured([ap for ap, _ in means], [ap for ap, _ in resampled]),
        recall=_measured([recall for _, recall in means], [recall for _, recall in resampled]),
    )


def _held_out(groups: Int64s, dice: np.random.Generator) -> npt.NDArray[np.bool_]:
    """bool[n]: adverts of about a fifth of the groups."""
    names = np.unique(groups)
    chosen = dice.permutation(names)[: max(1, round(TEST_SHARE * len(names)))]
    return np.isin(groups, chosen)


def _measures(scores: Floats, truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    from sklearn.metrics import average_precision_score, precision_recall_curve

    precision, recall, _ = precision_recall_curve(truth, scores)
    return float(average_precision_score(truth, scores)), float(recall[precision >= PRECISION].max(initial=0.0))


def _resampled(
    scores: Floats, truth: npt.NDArray[np.bool_], groups: Int64s, dice: np.random.Generator
) -> list[tuple[float, float]]:
    """Bootstrap over whole groups: near-copies are no independent evidence."""
    names, place = np.unique(groups, return_inverse=True)
    rows = [np.flatnonzero(place == i) for i in range(len(names))]
    found = []
    for _ in range(RESAMPLES):
        taken = np.concatenate([rows[i] for i in dice.integers(0, len(rows), len(rows))])
        if truth[taken].any():
            found.append(_measures(scores[taken], truth[taken]))
    return found


def _measured(means: Sequence[float], resampled: Sequence[float]) -> Measured:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Measured(mean=float(np.mean(means)), low=float(low), high=float(high))
