"""The docstrings of the finders read to the letter: for each transfer, look through the whole history.

Nothing here knows of engines, masks or memories; `Past` is a list of transfers and the labels of accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, pstdev

from manumit.detectors.contract import Values
from tests.detectors.windows.streams import DAY, HOUR, Row

BUSINESSES = {"exchange", "gambling", "mixer", "service"}


@dataclass(frozen=True)
class Past:
    """The history up to and including transfer `now`. Labels hold at all times."""

    rows: Sequence[Row]
    now: int
    labels: Mapping[str, frozenset[str]]
    dust: float = 0.0

    @property
    def last(self) -> Row:
        return self.rows[self.now]

    def label(self, account: str) -> frozenset[str]:
        return self.labels.get(account, frozenset())

    def person(self, account: str) -> bool:
        return not self.label(account) & BUSINESSES

    def inflows(self, account: str, within_us: float, *, dust: bool = False) -> list[int]:
        """Oldest first."""
        return [j for j in self._young(within_us) if self.rows[j].receiver == account and (dust or self.counts(j))]

    def outflows(self, account: str, within_us: float, *, dust: bool = False) -> list[int]:
        return [j for j in self._young(within_us) if self.rows[j].sender == account and (dust or self.counts(j))]

    def _young(self, within_us: float) -> list[int]:
        return [j for j in range(self.now + 1) if self.rows[j].at_us > self.last.at_us - round(within_us)]

    def counts(self, j: int) -> bool:
        return self.rows[j].usd_micro >= round(self.dust * 1e6)

    def usd(self, j: int) -> int:
        return self.rows[j].usd_micro

    def apart(self, j: int, k: int) -> int:
        return self.rows[k].at_us - self.rows[j].at_us

    def payers(self, inflows: Sequence[int]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for j in inflows:
            found.setdefault(self.rows[j].sender, []).append(j)
        return found


def keeps(part: int, whole: int, share: float) -> bool:
    return share * whole <= part <= whole


def multi_hop(past: Past, v: Values) -> str | None:
    path = [past.now]
    while len(path) < 24:
        hop, memory = past.rows[path[-1]].sender, v["memory_days"] * DAY
        came, went = past.inflows(hop, memory), past.outflows(hop, memory)
        everything = (past.inflows(hop, memory, dust=True), past.outflows(hop, memory, dust=True))
        idle = len(came) == 1 and len(went) <= v["max_outflows"] and max(map(len, everything)) <= v["max_legs"]
        if not (idle and past.person(hop) and came[0] < path[-1]):
            break
        quick = past.apart(came[0], past.now) < v["window_hours"] * HOUR
        if not (quick and keeps(past.usd(path[-1]), past.usd(came[0]), v["keeps"])):
            break
        path.append(came[0])
    long_enough = len(path) >= v["min_hops"] and past.usd(past.now) >= v["min_usd"] * 1e6
    return past.rows[path[-1]].receiver if long_enough else None


def round_trip(past: Past, v: Values) -> str | None:
    """Every way back of different accounts, however many there are."""
    origin = past.last.receiver

    def back(path: list[int]) -> bool:
        hop = past.rows[path[-1]].sender
        came = past.inflows(hop, v["window_hours"] * HOUR, dust=True)
        if len(came) > v["max_legs"] or not past.person(hop):
            return False
        known = {origin, *(past.rows[j].sender for j in path)}
        for j in came:
            if j < path[-1] and keeps(past.usd(path[-1]), past.usd(j), v["keeps"]):
                sender = past.rows[j].sender
                if sender == origin and len(path) + 1 >= v["min_hops"]:
                    return True
                if sender not in known and len(path) + 1 < 8 and back([*path, j]):
                    return True
        return False

    large = past.usd(past.now) >= v["min_usd"] * 1e6
    return origin if large and past.person(origin) and back([past.now]) else None


def wages(past: Past, v: Values) -> str | None:
    keeper, window = past.last.receiver, v["window_days"] * DAY

    def wage(j: int) -> int | None:
        worker = past.rows[j].sender
        latest = past.inflows(worker, window, dust=True)[-int(v["max_legs"]) :]
        came = [k for k in latest if k < j and past.counts(k)]
        if not came or past.apart(came[-1], j) >= v["held_hours"] * HOUR:
            return None
        return came[-1] if keeps(past.usd(j), past.usd(came[-1]), v["min_share"]) else None

    own = wage(past.now) if past.counts(past.now) else None
    employer = None if own is None else past.rows[own].sender
    busy = len(past.inflows(keeper, window, dust=True)) > v["max_inflows"]
    if own is None or employer is None or employer == keeper or busy:
        return None
    if not past.person(employer) or not past.person(keeper):
        return None
    workers = set()
    for payer, paid in past.payers(past.inflows(keeper, window)).items():
        times = [past.rows[k].at_us for j in paid if (k := wage(j)) is not None and past.rows[k].sender == employer]
        if past.person(payer) and times and max(times) - min(times) >= round(v["apart_days"] * DAY):
            workers.add(payer)
    return keeper if past.last.sender in workers and len(workers) >= v["min_workers"] else None


def staged(past: Past, v: Values) -> str | None:
    guide, window = past.last.receiver, v["window_days"] * DAY
    payers = past.payers(past.inflows(guide, window))

    def twice(payer: str) -> bool:
        paid = payers.get(payer, [])
        if len(paid) != 2 or not past.person(payer):
            return False
        first, second = paid
        apart, parts = past.apart(first, second), sorted(map(past.usd, paid))
        rent = parts[0] >= v["alike"] * parts[1] and apart >= round(v["monthly_days"] * DAY)
        in_time = round(v["first_day"] * DAY) <= apart <= round(v["last_day"] * DAY)
        return in_time and not rent and v["low_usd"] * 1e6 <= sum(parts) <= v["high_usd"] * 1e6

    pairs = sum(map(twice, payers))
    busy = len(past.inflows(guide, window, dust=True)) > v["max_inflows"] or not past.person(guide)
    ends = past.counts(past.now) and twice(past.last.sender)
    enough = pairs >= v["min_pairs"] and pairs >= v["min_share"] * len(payers)
    return guide if ends and enough and not busy else None


def debts(past: Past, v: Values) -> str | None:
    lender, window = past.last.receiver, v["window_days"] * DAY
    payers = past.payers(past.inflows(lender, window))

    def gaps(payer: str) -> list[int]:
        return [past.apart(a, b) for a, b in pairwise(payers[payer])]

    def steady(payer: str) -> bool:
        sums = [past.usd(j) for j in payers[payer]]
        if len(sums) < v["min_payments"] or pstdev(sums) > v["max_variation"] * sum(sums) / len(sums):
            return False
        usual = median(gaps(payer))
        even = all(abs(gap - usual) <= v["uneven"] * usual for gap in gaps(payer))
        return even and usual >= round(v["least_days"] * DAY)

    def funders(payer: str) -> set[str]:
        latest = past.inflows(payer, window, dust=True)[-int(v["max_legs"]) :]
        return {past.rows[j].sender for j in latest if past.counts(j)}

    busy = len(past.inflows(lender, window, dust=True)) > v["max_inflows"] or not past.person(lender)
    own = past.last.sender
    if busy or not past.counts(past.now) or not steady(own) or not past.person(own):
        return None
    usual, sum_usual = median(gaps(own)), median([past.usd(j) for j in payers[own]])
    alike = [
        payer
        for payer in payers
        if past.person(payer)
        and steady(payer)
        and abs(median(gaps(payer)) - usual) <= v["uneven"] * usual
        and abs(median([past.usd(j) for j in payers[payer]]) - sum_usual) <= v["max_spread"] / 2 * sum_usual
    ]
    links = [sum(funder in funders(payer) for payer in alike) for funder in funders(own) if past.person(funder)]
    return lender if max(links, default=0) >= v["min_payers"] else None


def collector(past: Past, v: Values) -> str | None:
    subject, window = past.last.sender, v["window_days"] * DAY

    def small_payers(account: str) -> set[str]:
        busy = len(past.inflows(account, window, dust=True)) > v["max_inflows"]
        if busy or not past.person(account):
            return set()
        small = [j for j in past.inflows(account, window) if past.usd(j) <= v["small_usd"] * 1e6]
        return {past.rows[j].sender for j in small if past.person(past.rows[j].sender)}

    own = small_payers(subject)
    went = past.outflows(subject, window)
    if len(past.outflows(subject, window, dust=True)) > v["max_outflows"] or len(own) < v["min_payers"]:
        return None
    receivers = {past.rows[j].receiver for j in went}
    uppers = {u for u in receivers if len(small_payers(u) - own - {subject}) >= v["min_payers"]}
    total = sum(past.usd(j) for j in went)
    on = sum(past.usd(j) for j in went if past.rows[j].receiver in uppers)
    consumed = sum(past.usd(j) for j in went if past.label(past.rows[j].receiver) & {"service", "gambling"})
    ends = past.counts(past.now) and past.last.receiver in uppers
    mostly = on >= v["min_share_on"] * total and consumed <= v["max_consumed"] * total
    return subject if ends and mostly else None


def relays(past: Past, v: Values) -> str | None:
    common, window = past.last.receiver, v["window_days"] * DAY

    def relayed(j: int) -> bool:
        relay = past.rows[j].sender
        came = [k for k in past.inflows(relay, 2 * window) if k < j]
        if len(past.inflows(relay, 2 * window, dust=True)) > v["max_legs"] or not past.person(relay) or not came:
            return False
        sources = {past.rows[k].sender for k in came}
        fresh = (
            past.apart(came[0], j) < round(v["fresh_days"] * DAY) and past.apart(came[-1], j) < v["held_hours"] * HOUR
        )
        known = all("exchange" in past.label(source) for source in sources)
        return len(sources) == 1 and known and fresh and keeps(past.usd(j), sum(map(past.usd, came)), v["keeps"])

    if not past.counts(past.now) or not relayed(past.now) or not past.person(common):
        return None
    latest = [j for j in past.inflows(common, window, dust=True)[-int(v["max_inflows"]) :] if past.counts(j)]
    newest = {payer: paid[-1] for payer, paid in past.payers(latest).items()}
    sums = [past.usd(j) for j in newest.values() if relayed(j)]
    enough = len(sums) >= v["min_relays"] and len(sums) >= v["min_share"] * len(newest)
    return common if enough and pstdev(sums) <= v["max_variation"] * sum(sums) / len(sums) else None


def escrow(past: Past, v: Values) -> str | None:
    platform = past.last.sender
    if "guarantee" not in past.label(platform) or not past.counts(past.now):
        return None
    out = past.outflows(platform, v["together_hours"] * HOUR, dust=True)[-int(v["max_outflows"]) :]
    deposits = past.inflows(platform, v["window_days"] * DAY, dust=True)[-int(v["max_inflows"]) :]
    for j in [j for j in out[:-1] if past.counts(j)][::-1]:
        smaller, larger = sorted((j, past.now), key=lambda k: (past.usd(k), k))
        for d in deposits:
            whole = keeps(past.usd(smaller) + past.usd(larger), past.usd(d), v["paid_out"])
            fee = v["fee_low"] * past.usd(d) <= past.usd(smaller) <= v["fee_high"] * past.usd(d)
            three = {past.rows[d].sender, past.rows[smaller].receiver, past.rows[larger].receiver}
            if past.counts(d) and d < j and whole and fee and len(three) == 3:
                return past.rows[larger].receiver
    return None


BRUTE: Mapping[str, Callable[[Past, Values], str | None]] = {
    "tx-rapid-multi-hop": multi_hop,
    "tx-round-trip": round_trip,
    "tx-collected-wages": wages,
    "tx-smuggling-staged-fee": staged,
    "tx-debt-repayment-schedule": debts,
    "tx-collector-intermediary": collector,
    "tx-one-to-one-then-many-to-one": relays,
    "tx-escrow-with-percentage-fee": escrow,
}
