"""A wallet printed in an advert moves money on chain.

Catalogue entry lk-advert-wallet-on-chain. Only kinds of adverts that sell or recruit people's work are
watched: a wallet in a rental or other advert says nothing about a person. The pipeline labels each watched
account `advert-wallet` from the advert on for `within`, and looks the same time back.
"""

from __future__ import annotations

import numpy as np

from manumit.detectors.contract import About, FeatureBlock, Joiner, Mask, Threshold, Values
from manumit.detectors.labelled import BUSINESSES, labelled
from manumit.detectors.stories import (
    DAY,
    MICRO,
    MICROSECOND,
    account,
    advert,
    edge,
    fires,
    innocent,
    label,
    near_miss,
    pay,
)
from manumit.detectors.text.wallets import everywhere
from manumit.schemas.listing import Listing, ListingKind
from manumit.schemas.transfer import Transfer

WITHIN = "180d"  # source: catalogue entry, check.window "180 d forward and back"
KINDS = ("escort", "massage", "job", "domestic", "travel", "recruitment-post", "supply-post")
MAX_WALLETS = 5  # ours: an advert with more is a list of donations or of scams, not a till

THRESHOLDS = (Threshold(name="min_usd", value=1, unit="USD", origin="ours: leaves out dust and poisoning"),)


def watch(listing: Listing) -> tuple[str, ...]:
    """CAIP-10 accounts of the advert's wallets; an EVM address on every EVM chain."""
    if listing.kind not in KINDS or len(listing.wallets) > MAX_WALLETS:
        return ()
    return tuple(dict.fromkeys(name for wallet in listing.wallets for name in everywhere(wallet)))


def is_advert_wallet(block: FeatureBlock, v: Values) -> Mask:
    worth = (block.usd >= v["min_usd"]) | np.isnan(block.usd)
    return worth & labelled(block.own_labels, "advert-wallet") & ~labelled(block.own_labels, *BUSINESSES)


def printed(kind: ListingKind = "escort", count: int = 1) -> Listing:
    return advert("a", kind, "text", wallets=(account("till"), *(account(f"w{i}") for i in range(1, count))))


def paid(at: int = DAY, usd: float | None = 200) -> Transfer:
    return pay("t", "payer", "till", usd, at=at)


CASES = (
    fires("the printed wallet is paid", printed(), paid(), on="t"),
    fires("the printed wallet pays", printed(), pay("t", "till", "landlord", 200, at=DAY), on="t"),
    fires("it was paid before the advert", printed(), paid(at=-DAY), on="t"),
    fires("worth unknown still counts", printed(), paid(usd=None), on="t"),
    near_miss("another wallet is paid", printed(), pay("t", "payer", "neighbour", 200, at=DAY)),
    near_miss("no wallet in the advert", advert("a", "escort", "text"), paid()),
    innocent("a rental", printed("rental"), paid()),
    innocent("dust", printed(), paid(usd=0.01)),
    innocent("the advert prints an exchange's address", printed(), paid(), labels=(label("till", "exchange"),)),
    edge("five wallets are a till", printed(count=5), paid(), on="t"),
    edge("six are a list", printed(count=6), paid()),
    edge("exactly 1 USD", printed(), paid(usd=1), on="t"),
    edge("a micro-dollar less", printed(), paid(usd=1 - MICRO)),
    edge("exactly 180 d later", printed(), paid(at=180 * DAY)),
    edge("sooner", printed(), paid(at=180 * DAY - MICROSECOND), on="t"),
    edge("exactly 180 d earlier", printed(), paid(at=-180 * DAY)),
    edge("less", printed(), paid(at=MICROSECOND - 180 * DAY), on="t"),
    edge("at the same microsecond", printed(), paid(at=0), on="t"),
)

JOINER = Joiner(
    about=About(
        id="lk-advert-wallet-on-chain",
        version=1,
        title="Wallet printed in an advert is active on chain",
        status="trial",
        severity="high",
        entries=("lk-advert-wallet-on-chain",),
        reason="{subject} is printed in an advert and moved money within 180 days of it.",
        innocent=(
            "a scam advert with a throw-away or borrowed wallet",
            "a donation address",
            "a lawful, independent worker",
        ),
        blind_to=("wallets sent in private chat or shown in pictures", "a fresh address for every client"),
        needs=("transfers", "listings"),
        next_steps=(
            "Read the adverts that print the wallet; do not contact anybody named in them.",
            "See who pays the wallet and where it cashes out; ask that exchange.",
            "Look for the wallet in adverts under other contacts.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    within=WITHIN,
    watch=watch,
    fires=is_advert_wallet,
)
