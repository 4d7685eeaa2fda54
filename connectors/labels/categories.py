"""Other people's words for what an address is, in our categories. Pure.

TagPack words are the INTERPOL Dark Web and Virtual Assets taxonomy as GraphSense's tagpack-tool keeps it
(src/tagpack/db/concepts.yaml); confidence levels are its confidence.csv, divided by 100.
"""

from __future__ import annotations

from collections.abc import Iterable

from manumit.schemas.label import LabelCategory

CONCEPTS: dict[str, LabelCategory] = {
    "sanction": "sanctions",
    "human_trafficking": "trafficking",
    "child_sexual_abuse": "child-abuse",
    "terrorism": "law-enforcement",
    "extremism": "law-enforcement",
    "seizure": "law-enforcement",
    "ransomware": "ransomware",
    "sextortion": "scam",
    "extortion": "scam",
    "scam": "scam",
    "phishing": "scam",
    "ponzi_scheme": "scam",
    "pyramid_scheme": "scam",
    "investment_fraud": "scam",
    "payment_card_fraud": "scam",
    "defi_exploit": "scam",
    "service_hack": "scam",
    "money_laundering": "laundering",
    "market": "darknet",
    "shop": "darknet",
    "dark_web": "darknet",
    "mixing_service": "mixer",
    "mixing": "mixer",
    "coinjoin": "mixer",
    "black_list": "frozen",
    "exchange": "exchange",
    "gambling": "gambling",
    "wallet_service": "service",
    "payment_processor": "service",
    "hosted_wallet": "service",
    "atm": "kiosk",
    "service": "service",
    "miner": "service",
    "mining_service": "service",
}
"""In order of weight: of several concepts the first here wins."""

WEIGHT = {concept: place for place, concept in enumerate(CONCEPTS)}

CONFIDENCE = {
    "override": 1.0,
    "ownership": 1.0,
    "ledger_immanent": 1.0,
    "manual_transaction": 0.9,
    "service_api": 0.7,
    "authority_data": 0.6,
    "trusted_provider": 0.5,
    "service_data": 0.5,
    "forensic": 0.5,
    "untrusted_transaction": 0.4,
    "web_crawl": 0.2,
    "heuristic": 0.1,
    "unknown": 0.05,
}
UNSTATED_CONFIDENCE = CONFIDENCE["unknown"]

TOPICS: dict[str, LabelCategory] = {
    "sanction": "sanctions",
    "sanction.linked": "sanctions",
    "sanction.counter": "sanctions",
    "crime.traffick.human": "trafficking",
    "crime.traffick": "trafficking",
    "forced.labor": "trafficking",
    "crime.terror": "law-enforcement",
    "wanted": "law-enforcement",
    "crime.fraud": "scam",
    "crime.theft": "scam",
    "crime.cyber": "ransomware",
    "crime": "law-enforcement",
    "poi": "other",
}
"""FollowTheMoney topics (followthemoney, types/topic.py), in order of weight."""


def category_of(concepts: Iterable[str]) -> LabelCategory:
    """The weightiest category among TagPack words; `other` when none is known."""
    known = sorted((WEIGHT[c], c) for c in concepts if c in WEIGHT)
    return CONCEPTS[known[0][1]] if known else "other"


def topic_category(topics: Iterable[str]) -> LabelCategory | None:
    """The weightiest category among FollowTheMoney topics, or None."""
    held = set(topics)
    return next((category for topic, category in TOPICS.items() if topic in held), None)
