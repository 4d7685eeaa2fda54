"""Several customers pay "tax", "fee" or "penalty" to one payee they have paid before.

Catalogue entry kyc-memo-fees-taxes. The last act of an investment scam: the payee is the subject, the customers are its
victims. Payments to authorities are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from manumit.detectors.contract import About, CustomerRule, Mask, Threshold, Values
from manumit.detectors.customer_stories import did
from manumit.detectors.customers.block import CustomerBlock
from manumit.detectors.customers.features import Ask, count
from manumit.detectors.stories import DAY, MICROSECOND, Part, edge, fires, innocent, near_miss
from manumit.detectors.text.lexicon import Lexicon
from manumit.detectors.text.notes import noted
from manumit.schemas.account_event import AccountEvent

WINDOW = "60d"  # source: catalogue entry, check.window

THRESHOLDS = (Threshold(name="min_notes", value=2, unit="notes", origin="ours"),)


def demands(words: Lexicon, text: str) -> bool:
    return words.has("demand", text)


def classes(block: CustomerBlock, v: Values) -> Mapping[str, Mask]:
    out = block.moved("fiat-out", "withdrawal") & block.has("counterparty")
    private = out & ~block.word("counterparty_kind", "authority", "own")
    demanded = noted(block.columns.notes, demands)
    return {"paid": private & ~demanded, "demanded": private & demanded}


def asks(v: Values) -> Mapping[str, Ask]:
    return {
        "notes": count("demanded", WINDOW, key="counterparty", after=("paid", WINDOW, "dealing")),
        "paid_before": count("paid", WINDOW, key="dealing"),
    }


def last_act(block: CustomerBlock, v: Values) -> Mask:
    again = block["paid_before"] > 0
    return block.classes["demanded"] & again & (block["notes"] >= v["min_notes"])


def paid(tag: str, note: str = "", *, at: int = 0, who: str = "c", **more: Any) -> AccountEvent:
    return did(tag, who, "withdrawal", 500, at=at, **{"note": note, "counterparty": "platform", **more})


def story(note: str = "withdrawal fee", *, second: int = 12 * DAY, **more: Any) -> tuple[Part, ...]:
    return (paid("p", **more), paid("q1", note, at=10 * DAY, **more), paid("q2", note, at=second, **more))


def again(second: int) -> tuple[Part, ...]:
    return (paid("p"), paid("q1", "tax"), paid("r", at=59 * DAY), paid("q2", "tax", at=second))


CASES = (
    fires("a fee, and another", *story(), on="q2"),
    fires("two customers, one payee", paid("p1", who="a"), paid("p2", who="b"), paid("q1", "tax", at=DAY, who="a"),
          paid("q2", "penalty", at=2 * DAY, who="b"), on="q2"),
    *(
        fires(language, *story(note), on="q2")
        for language, note in (
            ("es", "impuestos"), ("pt", "taxa de saque"), ("fr", "frais de retrait"), ("ru", "налог"),
            ("vi", "phí rút tiền"), ("zh", "保证金"), ("id", "pajak"), ("th", "ภาษี"), ("ro", "deblocare cont"),
        )
    ),
    near_miss("one fee", *story()[:2]),
    near_miss("never paid before", *story()[1:]),
    near_miss("other notes", *story("savings")),
    innocent("the tax office", *story("tax", counterparty_kind="authority")),
    innocent("the customer's own account", *story("tax", counterparty_kind="own")),
    edge("three fees", *story(), paid("q3", "unlock fee", at=14 * DAY), on="q2 q3"),
    edge("the first fee exactly 60 d ago", *again(60 * DAY)),
    edge("younger", *again(60 * DAY - MICROSECOND), on="q2"),
    edge("paid exactly 60 d before the first fee", paid("p"), paid("q1", "tax", at=60 * DAY), paid("r", at=61 * DAY),
         paid("q2", "tax", at=62 * DAY), on="q2"),
    edge("paid longer before", paid("p"), paid("q1", "tax", at=60 * DAY + MICROSECOND), paid("r", at=61 * DAY),
         paid("q2", "tax", at=62 * DAY)),
)  # fmt: skip

CUSTOMER_RULE = CustomerRule(
    about=About(
        id="kyc-memo-fees-taxes",
        version=1,
        title="Notes such as tax, fee or penalty on transfers to a platform",
        status="trial",
        severity="medium",
        entries=("kyc-memo-fees-taxes",),
        reason=(
            "{notes} payments to {subject} in 60 days, by customers who had paid it before, say tax, fee or penalty. "
            "This resembles the last act of an investment scam; the customers are its victims."
        ),
        innocent=("a real fee of a lawful service", "a tax adviser paid for a declaration"),
        blind_to=("payments without a note", "a new payee for each demand"),
        needs=("account_events",),
        next_steps=(
            "Warn the customers now, and hold what has not left.",
            "Screen the payee on chain and tell other exchanges.",
            "Ask how the customers met the platform: adverts, messages, a new acquaintance.",
        ),
        thresholds=THRESHOLDS,
        cases=CASES,
    ),
    classes=classes,
    asks=asks,
    fires=last_act,
    subject="counterparty",
)
