"""Stories told by an exchange's own records: coins turned, adverts paid, cash at kiosks, gifts from many places."""

from __future__ import annotations

import numpy as np

from manumit.connectors.world.clock import DAY, HOUR, MINUTE, at_hours, between
from manumit.connectors.world.draft import Draft
from manumit.connectors.world.hashes import address
from manumit.connectors.world.plants.bookings import Holder, holder, labelled, times
from manumit.connectors.world.plants.people import open_case
from manumit.connectors.world.truth import CasePlan
from manumit.schemas.addresses import ETHEREUM

KIOSKS = ("9whx5gt", "9wsw7yt", "9xj64ps", "9vg4r1m", "9q8yyk8")  # cells some hundred kilometres apart
TOWNS = ("XA-01", "XA-03", "XB-02", "XB-05")
CORRIDOR = "XC"


def plant(draft: Draft, dice: np.random.Generator, index: int) -> None:
    case = open_case(draft, "exchange-accounts", index)
    if index == 0:
        draft.name(f"place:{CORRIDOR}", "corridor", "corridor area")
    for tell in (hops_chain, pays_abroad, cards_to_adverts, turns_private, buys_small, works_at_night, many_places):
        tell(draft, dice, case, holder(draft, dice, case, tell.__name__))
    kiosks(draft, dice, case, index)


def hops_chain(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """One large arrival leaves within hours as a coin with low fees."""
    at, usd = int(dice.integers(5, 75)) * DAY, float(dice.uniform(5_500, 40_000))
    who.book("deposit", at, usd, channel="crypto", asset="BTC", counterparty=who.stranger("sender"))
    later = at + int(dice.integers(20 * MINUTE, int(5.5 * HOUR)))
    gone = usd * float(dice.uniform(0.85, 0.99))
    who.book("withdrawal", later, gone, channel="crypto", asset="TRX", counterparty=who.stranger("receiver"))
    case.expect("tx-chain-hop-low-fee-exit", [who.subject])


def pays_abroad(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Again and again to a classified-advert site in another country."""
    site = labelled(draft, "classified-site", "classifieds", country="XB")
    for at in times(dice, int(dice.integers(4, 9)), 26):
        usd = float(dice.uniform(12, 80))
        who.book("withdrawal", at, usd, channel="crypto", asset="ETH", counterparty=site)
    case.expect("tx-foreign-classified-payments", [who.subject])


def cards_to_adverts(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Prepaid cards in, and within two days nearly all of it to an advert site; two to four times in a month."""
    site, count = labelled(draft, "advert-site", "adult-ads"), int(dice.integers(2, 5))
    start = int(dice.integers(5, 50)) * DAY
    for number in range(count):
        at, usd = start + number * 7 * DAY + int(dice.integers(DAY)), float(dice.integers(2, 12)) * 25
        who.book("fiat-in", at, usd, channel="prepaid")
        later = at + int(dice.integers(HOUR, 2 * DAY))
        spent = usd * float(dice.uniform(0.9, 1.0))
        who.book("withdrawal", later, spent, channel="crypto", asset="ETH", counterparty=site)
    case.expect("tx-prepaid-to-crypto-to-ads", [who.subject])


def turns_private(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Most of the money into a privacy coin: at once, or in many small purchases."""
    count = 1 if dice.random() < 0.5 else int(dice.integers(6, 12))
    for at in times(dice, count, 20):
        usd = float(dice.uniform(1_100, 9_000) if count == 1 else dice.uniform(20, 95))
        who.book("trade", at, usd, channel="spot", asset="XMR", direction="buy")
    case.expect("tx-privacy-coin-conversion", [who.subject])


def buys_small(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Five to nine purchases in a week, of multiples of 3, 12 or 24 USD; now and then another sum among them."""
    count = int(dice.integers(5, 10))
    for number, at in enumerate(times(dice, count, 6)):
        usd = float(dice.choice([3, 12, 24]) * dice.integers(1, 4)) + float(dice.uniform(-0.04, 0.04))
        who.book("trade", at, 20.0 if number == count // 2 else usd, channel="spot", asset="BTC", direction="buy")
    case.expect("tx-vc-small-multiple-purchases", [who.subject])


def works_at_night(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Eighteen to forty deposits between ten and six, and a few by day."""
    night, day = int(dice.integers(18, 40)), int(dice.integers(0, 5))
    days = dice.integers(10, 35, night + day)
    at = np.concatenate([at_hours(dice, days[:night], 25.5, 1.3), at_hours(dice, days[night:], 14, 2)])
    for moment in np.sort(at).tolist():
        usd = float(dice.integers(3, 20)) * 10
        who.book("deposit", moment, usd, channel="p2p", counterparty=who.stranger("client", int(dice.integers(9))))
    case.expect("tx-night-activity", [who.subject])


def many_places(draft: Draft, dice: np.random.Generator, case: CasePlan, who: Holder) -> None:
    """Cash paid in at three or four towns for somebody who lives in a corridor."""
    count = int(dice.integers(9, 15))
    moments = times(dice, count, 25)
    who.book("login", moments[0] - DAY, None, channel="app", place=f"{CORRIDOR}-0{int(dice.integers(1, 8))}")
    towns = TOWNS[: int(dice.integers(3, 5))]
    for number, at in enumerate(moments):
        usd, place = float(dice.integers(4, 60)) * 10, towns[number % len(towns)]
        who.book("fiat-in", at, usd, channel="cash", place=place, counterparty=who.stranger("payer", number))
    case.expect("tx-many-origins-one-corridor-beneficiary", [who.subject])


def kiosks(draft: Draft, dice: np.random.Generator, case: CasePlan, index: int) -> None:
    """Three to five people at kiosks far apart pay one wallet within three days and call it their own."""
    wallet = f"{ETHEREUM}:{address(draft.seed, 'kiosk-wallet', index)}"
    count, start = int(dice.integers(3, 6)), int(dice.integers(5, 70)) * DAY
    for number, at in enumerate(np.sort(between(dice, 0, int(2.5 * DAY), count)).tolist()):
        who = holder(draft, dice, case, "kiosk", number)
        kind = "own" if number < count - 1 or dice.random() < 0.5 else ""
        who.book(
            "withdrawal",
            start + at,
            float(dice.integers(10, 90)) * 10,
            channel="kiosk",
            asset="ETH",
            counterparty=wallet,
            place=KIOSKS[number],
            counterparty_kind=kind,
        )
    case.expect("tx-kiosk-scatter-same-address", [wallet])
