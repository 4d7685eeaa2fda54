"""From an episode to the alert a person reads: numbers in human units, the reason in a sentence, the sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from manumit.detectors.contract import About, Values
from manumit.detectors.live_episodes import Change
from manumit.detectors.parties import numbered
from manumit.detectors.windows.features import NEVER, Aggregate, Feature, Since
from manumit.schemas.alert import Alert, CitationRef
from manumit.schemas.block import MICRO_USD, Int64s
from manumit.schemas.key_term import key_terms
from manumit.schemas.redflag import catalogue, citations

HOUR_US = 3_600_000_000
MAX_PARTIES = 24
SINGULAR = {
    "cities": "city",
    "countries": "country",
    "people": "person",
    **{
        f"{noun}s": noun
        for noun in (
            *(
                "account",
                "advert",
                "card",
                "cell",
                "contact",
                "credit",
                "customer",
                "day",
                "deposit",
                "gift card",
                "hop",
            ),
            *(
                "hour",
                "inflow",
                "let",
                "load",
                "minute",
                "name",
                "night",
                "note",
                "one",
                "other",
                "pair",
                "payer",
                "payment",
            ),
            *("place", "processor", "purchase", "receiver", "recruiter", "regular", "sender", "stay", "text", "time"),
            *("town", "transfer", "wage", "wallet", "worker"),
        )
    },
}
COUNTED = re.compile(rf"\{{(\w+)\}}((?: [a-z-]+){{0,3}}?) ({'|'.join(SINGULAR)})\b")
DISCLOSABLE = "A routine review of this account's recent activity is open. No conclusion has been drawn."


def human(feature: Feature, value: int) -> float | None:
    """USD for sums, hours for ages, plain counts; None for an age of NEVER."""
    if isinstance(feature, Since):
        return None if value >= NEVER else round(value / HOUR_US, 3)
    if isinstance(feature, Aggregate) and feature.measure == "sum":
        return round(value / MICRO_USD, 2)
    return float(value)


def signal_values(wanted: Mapping[str, Feature], columns: Mapping[str, Int64s], row: int) -> dict[str, float]:
    """The features of one event as the alert shows them; unknown ages are left out."""
    found = {name: human(feature, int(columns[name][row])) for name, feature in wanted.items()}
    return {name: value for name, value in found.items() if value is not None}


def with_usd(values: dict[str, float], usd: float) -> dict[str, float]:
    """The event's own worth beside them, unless nobody knows it."""
    return values if np.isnan(usd) else {**values, "usd": round(float(usd), 2)}


class _Number(float):
    """In a template: `{wages}` as people write it, `{share:%}` in percent."""

    def __format__(self, spec: str) -> str:
        return f"{round(100 * self, 1):,g}%" if spec == "%" else spoken(float(self))


class _Unknown:
    def __format__(self, spec: str) -> str:
        return "an unknown share" if spec == "%" else "an unknown number of"


class _Words(dict[str, object]):
    """Names a reason mentions that this event has no number for."""

    def __missing__(self, name: str) -> object:
        return _Unknown()


def spoken(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def reason(
    about: About, subject: str, values: Mapping[str, float], thresholds: Values, parties: Sequence[str] = ()
) -> str:
    """The detector's own sentence with this episode's numbers and, of a story, what each party does in it.

    The template is ours, subject and parties are only inserted. `{fee:%}` is the share `fee` in percent.
    """
    numbers = {**thresholds.of, **values}
    words = {name: _Number(number) for name, number in numbers.items()}
    told = "; ".join(parties[:MAX_PARTIES])
    more = f"; and {len(parties) - MAX_PARTIES} more" if len(parties) > MAX_PARTIES else ""
    template = COUNTED.sub(lambda found: _agreeing(found, numbers), about.reason)
    return template.format_map(_Words(words, subject=subject, parties=told + more))


def _agreeing(found: re.Match[str], numbers: Mapping[str, float]) -> str:
    """`{senders} young senders` with the noun in the singular where there is one."""
    placeholder, between, noun = found.groups()
    return f"{{{placeholder}}}{between} {SINGULAR[noun] if numbers.get(placeholder) == 1 else noun}"


def alert(change: Change, about: About, thresholds: Values) -> Alert:
    """The alert row of one changed episode."""
    episode = change.episode
    flags = [catalogue()[entry] for entry in about.entries]
    first = flags[0]
    cited: list[CitationRef] = [ref for flag in flags for ref in citations(flag)]
    spans, parties = ((), numbered(episode.spans)) if tells_parties(about) else (episode.spans, ())
    state = "provisional" if change.provisional else "final"
    return Alert(
        alert_id=episode.alert_id,
        revision=change.revision,
        detector=episode.detector,
        version=episode.version,
        entry=first.id,
        title=about.title,
        domain=first.domain,
        typology=first.typology,
        severity=about.severity,
        score=episode.score,
        subject=episode.subject,
        roles={episode.subject: about.role},
        state="withdrawn" if change.withdrawn else state,  # type: ignore[arg-type]  # one of the three literals
        withdrawn_reason=change.withdrawn,
        opened_us=episode.opened_us,
        last_us=episode.last_us,
        signals=episode.signals,
        suppressed=episode.suppressed,
        suppressed_by=episode.suppressed_by,
        evidence=tuple(dict.fromkeys((*episode.context, *episode.story, *episode.events))),
        values=episode.values,
        thresholds={name: float(value) for name, value in thresholds.of.items()},
        spans=spans,
        label_sources=episode.label_sources,
        citations=tuple(cited),
        key_terms=dict(key_terms(first)),
        reason=reason(about, episode.subject, episode.values, thresholds, parties),
        disclosable=DISCLOSABLE,
        next_steps=about.next_steps,
        innocent=about.innocent,
        nature=about.nature,
    )


def tells_parties(about: About) -> bool:
    """True for a finder's sentence, which names the parties; its signals carry them in place of spans of a text."""
    return "{parties}" in about.reason


def longest_window_us(wanted: Mapping[str, Feature]) -> int:
    """How far back what a rule reads may lie."""
    return max((f.within_us if isinstance(f, Since) else f.window_us for f in wanted.values()), default=0)
