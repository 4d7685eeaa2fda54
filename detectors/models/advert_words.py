"""A linear model over the words and letters of adverts: TF-IDF, learned by scikit-learn, kept as plain arrays.

Words and pairs of words, and pieces of 3 to 5 letters, are hashed (MurmurHash3), so no vocabulary is kept and a model
file holds no text. Weights are those of a linear support vector machine; Platt's sigmoid (1999), fitted on decisions
of folds that did not see the advert or its near-copies, turns a decision into a probability.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from manumit.detectors.models.forest import Array
from manumit.detectors.text.normalise import Folded, fold
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.errors import ConfigError

BITS = 18
PARTS = 2  # words, letters
WIDTH = PARTS << BITS
MAX_LETTERS = 4_000  # of one advert that are read
FOLDS = 5
WORD = re.compile(r"\b\w\w+\b")
COST = 1.0  # of the support vector machine: scikit-learn's default
SHAPES: Mapping[str, tuple[int, ...]] = {"weights": (WIDTH,), "rarity": (WIDTH,), "scale": (3,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertModel:
    """`weights`, `rarity` float32[WIDTH] (the latter inverse document frequency); `scale` float32[3]: bias of the
    decision, then slope and offset of the sigmoid."""

    weights: npt.NDArray[np.float32]
    rarity: npt.NDArray[np.float32]
    scale: npt.NDArray[np.float32]

    def parts(self) -> dict[str, Array]:
        return {"weights": self.weights, "rarity": self.rarity, "scale": self.scale}

    @classmethod
    def of(cls, parts: Mapping[str, Array]) -> AdvertModel:
        """From `parts`. Raises ConfigError when one is missing, damaged or of another kind of model."""
        for name, shape in SHAPES.items():
            part = parts.get(name)
            if part is None or part.shape != shape or part.dtype != np.float32 or not np.isfinite(part).all():
                raise ConfigError(f"the advert model's part {name!r} is missing or damaged: train it again")
        return cls(**{name: np.ascontiguousarray(parts[name]) for name in SHAPES})


def learn(texts: Sequence[str], is_fraud: npt.NDArray[np.bool_], groups: Int64s, seed: int) -> AdvertModel:
    """A model of n adverts; `groups` int64[n] are the same for near-copies. Equal input and seed give an equal model.

    Raises ConfigError when there are fewer than FOLDS groups of either kind.
    """
    fraud_groups, other_groups = len(set(groups[is_fraud].tolist())), len(set(groups[~is_fraud].tolist()))
    if min(fraud_groups, other_groups) < FOLDS:
        raise ConfigError(
            f"an advert model needs at least {FOLDS} unlike adverts of each kind to learn from; "
            f"here are {fraud_groups} fraudulent and {other_groups} others"
        )
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    counts = _counts(texts)
    decisions = np.zeros(len(texts), np.float64)
    folds = StratifiedGroupKFold(n_splits=FOLDS, shuffle=True, random_state=seed)
    for seen, unseen in folds.split(counts, is_fraud, groups):
        rarity = _rarity(counts[seen])
        weights, bias = _fitted(_weighted(counts[seen], rarity), is_fraud[seen], seed)
        decisions[unseen] = _weighted(counts[unseen], rarity) @ weights + bias
    sigmoid = LogisticRegression(C=1e6).fit(decisions.reshape(-1, 1), is_fraud)
    rarity = _rarity(counts)
    weights, bias = _fitted(_weighted(counts, rarity), is_fraud, seed)
    scale = np.array([bias, sigmoid.coef_[0, 0], sigmoid.intercept_[0]], np.float32)
    return AdvertModel(weights=weights.astype(np.float32), rarity=rarity.astype(np.float32), scale=scale)


def score(model: AdvertModel, texts: Sequence[str]) -> Floats:
    """float64[n] in [0, 1]: how likely an advert like this is fraudulent, by what the model learned from."""
    bias, slope, offset = model.scale.astype(np.float64)
    decisions = _weighted(_counts(texts), model.rarity) @ model.weights.astype(np.float64) + bias
    probabilities: Floats = 1.0 / (1.0 + np.exp(-(slope * decisions + offset)))
    return probabilities


def telling(model: AdvertModel, text: Folded, most: int) -> list[tuple[float, int, int]]:
    """Words and pairs of words that raise the score most: (weight, start, stop) in the folded text, the strongest
    first; each word stands in one of them."""
    from sklearn.utils import murmurhash3_32

    words = [match.span() for match in WORD.finditer(text.text[:MAX_LETTERS])]
    spans = [*words, *((a[0], b[1]) for a, b in pairwise(words))]
    found: dict[str, tuple[float, int, int]] = {}
    for start, stop in spans:
        term = " ".join(text.text[start:stop].split())
        place = abs(int(murmurhash3_32(term.encode(), seed=0))) % (1 << BITS)
        weight = float(model.weights[place] * model.rarity[place])
        if weight > 0:
            found.setdefault(term, (weight, start, stop))
    kept: list[tuple[float, int, int]] = []
    for one in sorted(found.values(), key=lambda term: (-term[0], term[1])):
        if len(kept) < most and all(one[2] <= start or stop <= one[1] for _, start, stop in kept):
            kept.append(one)
    return kept


def _fitted(matrix: Any, is_fraud: npt.NDArray[np.bool_], seed: int) -> tuple[Floats, float]:
    from sklearn.svm import LinearSVC

    machine = LinearSVC(C=COST, class_weight="balanced", random_state=seed, dual=True, max_iter=5_000)
    machine.fit(matrix, is_fraud)
    weights: Floats = machine.coef_[0]
    return weights, float(machine.intercept_[0])


def _counts(texts: Sequence[str]) -> Any:
    """Sparse float32[n, WIDTH]: how often each hashed term stands in each text, dampened by the logarithm."""
    folded = [fold(text[:MAX_LETTERS]).text for text in texts]
    matrix = _vectorisers().fit_transform(folded).tocsr()
    matrix.data = (1.0 + np.log(matrix.data)).astype(np.float32)
    return matrix


def _rarity(counts: Any) -> Floats:
    """Smoothed inverse document frequency, as scikit-learn's."""
    seen = np.bincount(counts.indices, minlength=WIDTH)
    rarity: Floats = np.log((1.0 + counts.shape[0]) / (1.0 + seen)) + 1.0
    return rarity


def _weighted(counts: Any, rarity: npt.NDArray[Any]) -> Any:
    """Counts times rarity, each row of length one."""
    from sklearn.preprocessing import normalize

    return normalize(counts.multiply(rarity.reshape(1, -1).astype(np.float64)).tocsr())


@cache
def _vectorisers() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer
    from sklearn.pipeline import FeatureUnion

    plain = {"n_features": 1 << BITS, "norm": None, "alternate_sign": False, "lowercase": False}
    words = HashingVectorizer(analyzer="word", ngram_range=(1, 2), **plain)
    letters = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), **plain)
    return FeatureUnion([("words", words), ("letters", letters)])
