"""Notes on incoming payments plead and mention images, as if the payment had been extorted.

Catalogue entry kyc-sextortion-notes. The sender is a victim, often a child: the subject is who receives the money, the
note itself is never shown outside the restricted view, and one note is enough to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Values
from manumit.detectors.customer_stories import did
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask
from manumit.detectors.stories import DAY, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Lexicon
from manumit.detectors.text.notes import noted
from manumit.schemas.account_event import AccountEvent


def pleads(words: Lexicon, text: str) -> bool:
    return words.has("pleading", text) and words.has("image", text)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    return {"pleading": block.moved("fiat-in", "deposit") & noted(block.columns.notes, pleads)}


def asks(v: Values) -> Mapping[str, Ask]:
    """Nothing: one note is enough to look (catalogue entry); the episode gathers the others."""
    return {}


def extorted(block: CustomerBlock, v: Values) -> Mask:
    return block.classes["pleading"]


def paid(tag: str, note: str, *, at: int = 0, **more: Any) -> AccountEvent:
    return did(tag, "c", "fiat-in", 60, at=at, **{"note": note, "counterparty": f"s-{tag}", **more})


PLEA = "please delete the pics"

CASES = (
    fires("a plea about pictures", paid("p", PLEA), on="p"),
    fires("a month apart", paid("p", PLEA), paid("q", PLEA, at=40 * DAY), on="p q"),
    fires("es", paid("p", "Por favor borra las fotos"), on="p"),
    fires("pt", paid("p", "por favor apaga as fotos"), on="p"),
    fires("fr", paid("p", "ne publie pas la vidéo"), on="p"),
    fires("ru", paid("p", "пожалуйста удали фото"), on="p"),
    fires("vi", paid("p", "làm ơn xóa ảnh"), on="p"),
    fires("zh", paid("p", "求你删照片"), on="p"),
    fires("id", paid("p", "tolong hapus foto"), on="p"),
    fires("th", paid("p", "ขอร้องลบรูป"), on="p"),
    fires("ro", paid("p", "te rog șterge pozele"), on="p"),
    near_miss("pictures without a plea", paid("p", "wedding photos, thank you")),
    near_miss("a plea without pictures", paid("p", "last payment of the sofa")),
    near_miss("no note", paid("p", "")),
    innocent(
        "an outgoing payment to a photographer", did("p", "c", "fiat-out", 60, note="please stop by for the photos")
    ),
    innocent("rent", paid("p", "rent june, please don't worry")),
    edge("a refused payment", paid("p", PLEA, outcome="refused")),
    edge("both words in one note only", paid("p", "please delete it"), paid("q", "the pics")),
)

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-sextortion-notes",
        version=1,
        title="Pleading notes about images on incoming payments",
        status="trial",
        severity="critical",
        entries=("kyc-sextortion-notes",),
        reason=(
            "Payments to {subject} carry notes that plead and mention images. This resembles extortion; the senders "
            "are its victims and may be children."
        ),
        innocent=("jokes between friends", "a quarrel about pictures of a party"),
        blind_to=("payments without a note", "words and languages the list does not hold"),
        needs=("account_events",),
        next_steps=(
            "Hand it to the person responsible for child protection at once; keep it out of general queues.",
            "Follow the mandatory path for children; do not warn the receiver.",
            "Look for other senders of small sums to the same receiver.",
        ),
        nature="protection",
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=extorted,
)
