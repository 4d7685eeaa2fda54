"""Job adverts that read like those somebody labelled as fraudulent: a learned flag, which rests without a model.

`flag(model)` makes it; so it adds up with other signs as every flag does, and never alerts alone. What it learned
from decides what it knows: EMSCAD (Vidros et al. 2017) holds job scams of 2012 to 2014 in English, no trafficking.
"""

from __future__ import annotations

from collections.abc import Mapping

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.models.advert_words import AdvertModel, score, telling
from manumit.detectors.text.advert import folded, quote, said
from manumit.detectors.text.lexicon import Hit
from manumit.schemas.listing import Listing

KINDS = ("job",)
MAX_TERMS = 6  # ours: words that an alert shows

ABOUT = About(
    id="li-job-advert-model",
    version=1,
    title="Job advert that reads like fraudulent ones",
    status="trial",
    severity="low",
    entries=("li-job-vague-employer",),
    reason="Job adverts of {subject} read like adverts that people labelled as fraudulent. By itself this says little.",
    innocent=("a small employer who copies an agency's wording", "home office and commission work told plainly"),
    blind_to=(
        "what the adverts it learned from did not show: other languages, other years, trafficking",
        "an advert that copies an honest one",
    ),
    next_steps=(
        "Read which words moved the score: common words mean that the model is of little use here.",
        "Check whether the employer exists and whether the advert stands on its own site.",
        "Look for other signs of the same contact; dismiss it when none speaks.",
    ),
    needs=("listings", "model"),
    thresholds=(Threshold(name="min_score", value=0.9, unit="probability", origin="ours"),),
    min_events=2,
)


def flag(model: AdvertModel) -> TextFlag:
    """The flag of one trained model."""

    def find(listing: Listing, v: Values) -> tuple[Span, ...]:
        """The words that speak most for it; quoted from the masked text, like all evidence."""
        if score(model, [said(listing)])[0] < v["min_score"]:
            return ()
        text = folded(listing)
        hits = (Hit("word", start, stop) for _, start, stop in telling(model, text, MAX_TERMS))
        return tuple(quote(listing, text, hit) for hit in hits)

    def measure(listing: Listing, v: Values) -> Mapping[str, float]:
        return {"score": round(float(score(model, [said(listing)])[0]), 4)}

    return TextFlag(about=ABOUT, kinds=KINDS, find=find, measure=measure)
