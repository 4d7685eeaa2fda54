"""What a detector file must contain. Few kinds: Rule, Finder, TextFlag, ListingRule, Joiner, Scorer, CustomerRule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from manumit.detectors.books import Book
from manumit.detectors.campaigns.features import Asked, Seen
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.columns import KeyName
from manumit.detectors.customers.features import Ask
from manumit.detectors.windows.features import Feature, Side
from manumit.detectors.windows.view import View
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Nature, Severity
from manumit.schemas.block import Floats, Int64s
from manumit.schemas.customer import Customer
from manumit.schemas.label import Label
from manumit.schemas.listing import Listing
from manumit.schemas.transfer import Transfer

Mask = npt.NDArray[np.bool_]
Masks = npt.NDArray[np.uint32]
Parts = npt.NDArray[Any]
Status = Literal["trial", "live", "retired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A named constant. `origin` is `ours` or the publication and clause it is taken from."""

    name: str
    value: float
    unit: str
    origin: str


@dataclass(frozen=True, slots=True)
class Values:
    """The threshold values in force: defaults overridden by configuration. `v["min_senders"]`."""

    of: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.of[name]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureBlock:
    """n transfers judged for one side. `columns` are int64[n] in micro-USD, counts or microseconds.

    `usd` float64[n] is NaN where unknown; `own_labels`, `other_labels` uint32[n] hold the label
    bits of the subject and of its counterparty as of the event.
    """

    at_us: Int64s
    usd: Floats
    own_labels: Masks
    other_labels: Masks
    columns: Mapping[str, Int64s]

    def __getitem__(self, name: str) -> Int64s:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.at_us)


Event = Transfer | Listing | AccountEvent | Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A tiny story. `fires` holds the event ids that must signal; empty means silence.

    `kind` `edge` marks a story that stands exactly on a window or threshold; at least one case of
    each kind is required.
    """

    name: str
    kind: Literal["fires", "near-miss", "innocent", "edge"]
    events: tuple[Event, ...]
    fires: frozenset[str] = frozenset()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What every detector says of itself, whatever its kind.

    `entries` are red-flag catalogue ids; `reason` is a sentence whose {names} are features, thresholds
    or `subject`; `min_events` distinct events must signal before an episode becomes an alert.
    `quiet_gap` closes an episode; `role` is the subject's (default unknown). `nature`: a `control` finding says
    what an exchange does not know and suspects nobody; a `protection` finding is for restricted eyes.
    `books`: which rows it judges. `needs`: kinds of records, and `labels:CATEGORY` for a category that some label
    list must hold.
    """

    id: str
    version: int
    title: str
    status: Status
    severity: Severity
    entries: tuple[str, ...]
    reason: str
    innocent: tuple[str, ...]
    blind_to: tuple[str, ...]
    next_steps: tuple[str, ...]
    needs: tuple[str, ...] = ("transfers",)
    thresholds: tuple[Threshold, ...] = ()
    min_events: int = 1
    quiet_gap: str = "30d"
    role: str = "unknown"
    nature: Nature = "suspicion"
    cases: tuple[Case, ...] = ()
    books: tuple[Book, ...] = ("chain", "customers")

    def values(self, overrides: Mapping[str, float] | None = None) -> Values:
        """Defaults with `overrides`. Raises KeyError for a threshold this detector does not have."""
        known = {t.name: t.value for t in self.thresholds}
        for name in overrides or {}:
            if name not in known:
                raise KeyError(f"{self.id} has no threshold {name!r}; it has {sorted(known)}")
        return Values({**known, **(overrides or {})})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Mask over a feature block, judged for the subject on each of `sides`.

    `features` names what the engine must compute; a rule that reads only label bits asks for none.
    """

    about: About
    sides: tuple[Side, ...]
    features: Callable[[Values], Mapping[str, Feature]]
    fires: Callable[[FeatureBlock, Values], Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a finder found at one event. Accounts are those of the view, events its sequence numbers.

    `events` are all transfers of the story, the event itself among them; `parties` say in words what each
    account does in it, with `parties.NUMBER` where the alert counts them; `numbers` are what the reason tells.
    """

    subject: int
    events: tuple[int, ...]
    parties: tuple[tuple[str, int], ...]
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """A story over several addresses, told when its last transfer comes.

    `triggers` is a mask over features of both sides that picks the few transfers which may end a story; in its
    block `own_labels` are the sender's and `other_labels` the receiver's; it must pick every transfer that
    does. `story` then looks back from one of them through the engine's memory, `within_us` microseconds at most,
    and reads a bounded number of transfers: it alone says what holds. So a finder keeps no state. `numbers` names
    what a story's numbers are.
    """

    about: About
    features: Callable[[Values], Mapping[str, tuple[Side, Feature]]]
    triggers: Callable[[FeatureBlock, Values], Mask]
    within_us: Callable[[Values], int]
    numbers: tuple[str, ...]
    story: Callable[[View, Values], Story | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Evidence in a text: what was read and the characters it stands at (half-open)."""

    facet: str
    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFlag:
    """Spans in one listing. `find` returns the evidence, or nothing when the flag does not hold.

    `measure` is asked where it holds: numbers an alert shows beside the thresholds, `promises` beside
    `min_promises`. The subject is the advert's first contact token, else wallet, else poster, else the listing itself.
    `counts` `down`: a counter-indicator, which lowers what other signs of the subject add up to and never alerts. A
    `guard` is asked at the edge, and no other flag ever reads an advert in which it holds.
    """

    about: About
    kinds: tuple[str, ...]
    find: Callable[[Listing, Values], tuple[Span, ...]]
    measure: Callable[[Listing, Values], Mapping[str, float]] = lambda listing, values: {}
    counts: Literal["up", "down"] = "up"
    guard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRule:
    """A claim about one listing by the company it keeps: adverts of the same text, or with the same contact.

    `kinds` are the kinds of listing it judges; `features` may count others. The subject is as for a TextFlag, or
    the campaign, which is no person. `says` is its own text: where it gives no evidence the rule does not fire.
    """

    about: About
    kinds: tuple[str, ...]
    subject: Literal["contact", "campaign"]
    features: Callable[[Values], Mapping[str, Asked]]
    fires: Callable[[Seen, Values], bool]
    says: Callable[[Listing, Values], tuple[Span, ...]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiner:
    """Two streams met: `watch` says what of a listing to look for on chain, for `within` forward and back.

    The pipeline labels each watched account `advert-wallet` for that time, so forward matches are
    label bits in a feature block, and looks back through the engine's memory of the account.
    """

    about: About
    within: str
    watch: Callable[[Listing], tuple[str, ...]]
    fires: Callable[[FeatureBlock, Values], Mask]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Which features moved the score of one event, strongest first: (name, value, typical, weight)."""

    parts: tuple[tuple[str, float, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """A model over engine features. score in [0, 1], a calibrated tail probability: high = odd.

    `learn(matrix, seed)` returns an opaque trained model, `score(model, matrix)` float64[n],
    `explain(model, row)` what moved one row. matrix: float64[n, len(feature names)].
    `to_parts` and `from_parts` turn a model into named arrays and back, for a file; from_parts raises ConfigError.
    `marked(quiet, marked, seed)` learns from rows of known stories too; None for a model that knows none.
    """

    about: About
    sides: tuple[Side, ...]
    features: Callable[[Values], Mapping[str, Feature]]
    matrix: Callable[[FeatureBlock], Floats]
    learn: Callable[[Floats, int], object]
    score: Callable[[object, Floats], Floats]
    explain: Callable[[object, Floats], Explanation]
    to_parts: Callable[[object], Mapping[str, Parts]]
    from_parts: Callable[[Mapping[str, Parts]], object]
    marked: Callable[[Floats, Floats, int], object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRule:
    """Mask over rows of customers' snapshots and account events (`detectors/customers`).

    `classes` names masks over the rows, made before anything is counted; `asks` is what the engine counts of them;
    `subject` is the key that is judged: the customer, or what stands behind several customers.
    """

    about: About
    classes: Callable[[CustomerBlock, Values], Mapping[str, Mask]]
    asks: Callable[[Values], Mapping[str, Ask]]
    fires: Callable[[CustomerBlock, Values], Mask]
    subject: KeyName = "customer"


Detector = Rule | Finder | TextFlag | ListingRule | Joiner | Scorer | CustomerRule
