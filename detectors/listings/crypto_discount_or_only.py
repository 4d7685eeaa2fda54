"""A commercial-sex advert that takes only virtual currency, prefers it, or gives a discount for it.

Catalogue entry li-crypto-discount-or-only. Silence about cash is not "fiat absent": the advert must say
"only", "preferred" or "no cash" in the clause that names the coin, or list nothing but coins as its payments.
"""

from __future__ import annotations

from itertools import islice

from manumit.detectors.contract import About, Span, TextFlag, Threshold, Values
from manumit.detectors.stories import advert, edge, fires, innocent, near_miss
from manumit.detectors.text.advert import folded, quote
from manumit.detectors.text.lexicon import Hit, Lexicon, clauses, lexicon
from manumit.detectors.text.normalise import Folded
from manumit.schemas.listing import Listing, ListingKind

KINDS = ("escort", "massage")
LONGEST_TERM = 32  # ours: room for a whole term at the end of a reach
MAX_HITS = 60  # ours: a clause that repeats a word more often is bait, and says no more

THRESHOLDS = (
    Threshold(name="max_gap", value=40, unit="characters", origin="ours: between the coin and its condition"),
    Threshold(
        name="max_refusal_gap", value=20, unit="characters", origin="ours: between a word of refusal and its object"
    ),
)


def find(listing: Listing, v: Values) -> tuple[Span, ...]:
    text, words = folded(listing), lexicon("payments")
    if not words.has("crypto", text.text):
        return () if words.has("fiat", text.text) else _listed_payments(listing, words)
    return tuple(dict.fromkeys(quote(listing, text, hit) for hit in _found(text, words, v)))


def _found(text: Folded, words: Lexicon, v: Values) -> list[Hit]:
    """Coins, each followed by its conditions."""
    takes_fiat = False
    found: list[Hit] = []
    for start, stop in clauses(text.text):
        clause = text.text[start:stop]
        fiat_taken, fiat_refused = _taken(words, "fiat", clause, v)
        takes_fiat |= bool(fiat_taken)
        for hit in _conditions(words, clause, fiat_refused, v):
            found.append(Hit(hit.facet, hit.start + start, hit.stop + start))
    return _with_discount(found) if takes_fiat else found


def measure(listing: Listing, v: Values) -> dict[str, float]:
    """Characters between a coin and its condition, where they are nearest; nothing of a mere list of payments."""
    hits = _found(folded(listing), lexicon("payments"), v)
    gaps = []
    for hit in hits:
        if hit.facet == "crypto":
            coin = hit
        elif hit.facet != "no-cash":
            gaps.append(max(hit.start - coin.stop, coin.start - hit.stop, 0))
    return {"gap": float(min(gaps))} if gaps else {}


def _conditions(words: Lexicon, clause: str, fiat_refused: list[Hit], v: Values) -> list[Hit]:
    """Each coin taken in this clause, followed by what makes it a condition; nothing when nothing does."""
    coins, _ = _taken(words, "crypto", clause, v)
    found: list[Hit] = []
    for coin in coins:
        terms = [hit for hit in _near(words, coin, clause, v) if not _refused(words, hit, clause, v)]
        terms += [Hit("no-cash", hit.start, hit.stop) for hit in fiat_refused]
        found += [coin, *terms] if terms else []
    return found


def _near(words: Lexicon, coin: Hit, clause: str, v: Values) -> list[Hit]:
    """Conditions at most `max_gap` characters from the coin."""
    reach = int(v["max_gap"])
    start = max(0, coin.start - reach - LONGEST_TERM)
    nearby = clause[start : coin.stop + reach + LONGEST_TERM]
    moved = [
        Hit(facet, hit.start + start, hit.stop + start)
        for facet in ("discount", "only", "preferred")
        for hit in words.hits(facet, nearby)
    ]
    return [hit for hit in moved if max(hit.start - coin.stop, coin.start - hit.stop) <= reach]


def _with_discount(hits: list[Hit]) -> list[Hit]:
    """Where cash is taken too, only a discount counts."""
    return (
        [hit for hit in hits if hit.facet in ("crypto", "discount")] if any(h.facet == "discount" for h in hits) else []
    )


def _taken(words: Lexicon, facet: str, clause: str, v: Values) -> tuple[list[Hit], list[Hit]]:
    """Means of payment the clause accepts, and those it refuses."""
    hits = list(islice(words.hits(facet, clause), MAX_HITS))
    refused = [hit for hit in hits if _refused(words, hit, clause, v)]
    return [hit for hit in hits if hit not in refused], refused


def _refused(words: Lexicon, hit: Hit, clause: str, v: Values) -> bool:
    """A word of refusal stands close before it, with no comma or other means of payment between; or close after."""
    reach = int(v["max_refusal_gap"])
    before = clause[max(0, hit.start - reach - LONGEST_TERM) : hit.start]
    for no in words.hits("refused", before):
        between = before[no.stop :]
        if len(between) <= reach and not _parted(words, between):
            return True
    after = clause[hit.stop : hit.stop + reach + LONGEST_TERM]
    first = next(words.hits("refused_after", after), None)
    return first is not None and first.start <= reach and not _parted(words, after[: first.start])


def _parted(words: Lexicon, between: str) -> bool:
    return any(c in between for c in ",，、/|") or any(words.has(f, between) for f in ("crypto", "fiat", "only"))


def _listed_payments(listing: Listing, words: Lexicon) -> tuple[Span, ...]:
    """The source's own payment field, when every entry of it is a coin."""
    if listing.payments and all(words.has("crypto", payment.lower()) for payment in listing.payments):
        return tuple(Span(facet="payments", start=0, stop=0, text=payment) for payment in listing.payments)
    return ()


def said(text: str, kind: ListingKind = "escort", payments: tuple[str, ...] = ()) -> Listing:
    return advert("a", kind, text, payments=payments)


CASES = (
    fires("only coins", said("Incall and outcall. Bitcoin only."), on="a"),
    fires("a discount for coins", said("Cash is fine, 10% off if you pay in USDT."), on="a"),
    fires("no cash", said("No cash, crypto please"), on="a"),
    fires("preferred", said("Bitcoin preferred"), on="a"),
    fires("look-alike letters", said("Оnly bіtcоin"), on="a"),
    fires("the payment field lists coins alone", said("Call me", payments=("USDT", "btc")), on="a"),
    fires("es", said("Pago solo en bitcoin"), on="a"),
    fires("es discount", said("Efectivo o tarjeta; descuento si pagas con criptomonedas"), on="a"),
    fires("pt", said("Aceito somente criptomoedas"), on="a"),
    fires("fr", said("Paiement uniquement en cryptomonnaie"), on="a"),
    fires("ro", said("Accept doar criptomonede, fără cash"), on="a"),
    fires("ru", said("Оплата только в биткоинах"), on="a"),
    fires("vi", said("Chỉ nhận tiền ảo"), on="a"),
    fires("zh", said("不收现金，只收USDT"), on="a"),
    fires("id", said("Hanya terima kripto"), on="a"),
    fires("th", said("รับเฉพาะคริปโต"), on="a"),
    near_miss("coins beside cash, no condition", said("I take cash, card or bitcoin")),
    near_miss("the discount is for something else", said("Discount for students. Bitcoin accepted.")),
    near_miss("coins only for the deposit, cash later", said("Deposit in bitcoin only. Cash when we meet.")),
    near_miss("coins refused", said("Cash only, no bitcoin")),
    near_miss("coins refused afterwards", said("Cash only. Bitcoin not accepted")),
    near_miss("silence about cash", said("Bitcoin accepted")),
    innocent("a job advert paid in coins", said("Salary in bitcoin only", kind="job")),
    innocent("cash only", said("Cash only, discount on Mondays")),
    edge("40 characters between", said("only " + "x" * 38 + " bitcoin"), on="a"),
    edge("41 characters between", said("only " + "x" * 39 + " bitcoin")),
    edge("20 characters from a refusal", said("preferred: not " + "x" * 18 + " bitcoin")),
    edge("21 characters from a refusal", said("preferred: not " + "x" * 19 + " bitcoin"), on="a"),
)

FLAG = TextFlag(
    about=About(
        id="li-crypto-discount-or-only",
        version=1,
        title="Virtual currency preferred, discounted or required in a commercial-sex advert",
        status="trial",
        severity="medium",
        entries=("li-crypto-discount-or-only",),
        reason="Adverts of {subject} take only virtual currency, prefer it or give a discount for it.",
        innocent=("a lawful worker whom card firms refuse", "a worker who wants privacy from a bank"),
        blind_to=("conditions told in private chat", "prices in pictures", "languages without a word list"),
        needs=("listings",),
        next_steps=(
            "Read the marked words; do not contact anybody named in the advert.",
            "Look for a wallet in the adverts and what it does on chain.",
            "Look for the same contact in other adverts; this sign alone says little.",
        ),
        thresholds=THRESHOLDS,
        min_events=2,
        cases=CASES,
    ),
    kinds=KINDS,
    find=find,
    measure=measure,
)
