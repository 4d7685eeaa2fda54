"""Structured data of a page (JSON-LD, schema.org terms) to the fields of an advert. Pure.

Source of the terms: schema.org JobPosting, Offer, Product, Accommodation, RealEstateListing, Service, Article,
SocialMediaPosting. Street addresses and ratings are not read at all; of pictures only the addresses of
what a dwelling declares as photographs of itself, never an `image`, which may show anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from manumit.connectors.listings.crawling.frames import Advert
from manumit.schemas.listing import Price

Node = Mapping[str, object]

TYPES = (
    "JobPosting",
    "RealEstateListing",
    "Accommodation",
    "Apartment",
    "House",
    "SingleFamilyResidence",
    "Room",
    "HotelRoom",
    "VacationRental",
    "LodgingBusiness",
    "Service",
    "Product",
    "Offer",
    "SocialMediaPosting",
    "BlogPosting",
    "Article",
)  # the first of these that a page holds is its advert
DWELLINGS = TYPES[2:9]
PEOPLE = ("Person", "Patient")
PERSONAL = re.compile(
    r"avatar|profil|portrait|selfie|face|headshot|host|owner|people|person|guest|user|member|staff|team|agent|author"
    r"|woman|women|girl|lady|child|kid|family|model|anfitri|gastgeber|inhaber",
    re.IGNORECASE,
)  # in the address or the words of a picture: it may show somebody, so it is never asked for
HOST = re.compile(r"^(?:https?:)?//[^/]{0,255}")
MOST_PICTURES = 2
LONGEST_ADDRESS = 2_000
MAX_NODES, MAX_LEVELS = 300, 8
DEEPEST = 32
MAX_EACH = 10
LONGEST = 20_000
LONGEST_CONTACT = 120
LARGEST_AMOUNT = 10**15
BRACKETS = re.compile(r"[\[\]{}]")
STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)', re.DOTALL)  # one that never ends is one too
CURRENCY = re.compile(r"[A-Z]{3,5}")
AMOUNT = re.compile(r"\d{1,15}(?:\.\d{1,8})?")
AMOUNTS = ("price", "lowPrice", "highPrice", "minPrice", "maxPrice", "minValue", "maxValue", "value")
PER: dict[str, str] = {
    **dict.fromkeys(("hour", "hur"), "hour"),
    **dict.fromkeys(("night", "nightly"), "night"),
    **dict.fromkeys(("day", "daily"), "day"),
    **dict.fromkeys(("week", "wee", "weekly"), "week"),
    **dict.fromkeys(("month", "mon", "monthly"), "month"),
    **dict.fromkeys(("year", "ann", "yearly"), "year"),
}


def too_deep(script: str) -> bool:
    """True for JSON nested deeper than any advert's; linear, and asked before anything parses it."""
    depth = 0
    for bracket in BRACKETS.finditer(STRINGS.sub("", script)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            return True
    return False


def structured(items: Sequence[object]) -> Advert:
    """The advert among the page's items; text may still hold HTML."""
    nodes = list(_nodes(items))
    advert = min((node for node in nodes if _rank(node) < len(TYPES)), key=_rank, default=None)
    if advert is None:
        return Advert()
    inside = list(_nodes([advert]))
    contacts = (_text(node.get(key)) for node in inside for key in ("telephone", "email"))
    return Advert(
        title=_first(advert, "title", "name", "headline"),
        text=_first(advert, "description", "articleBody", "text"),
        posted=_first(advert, "datePosted", "datePublished", "dateCreated", "uploadDate")[:60],
        place=_place(inside),
        poster=_first(advert, "seller", "author", "provider", "hiringOrganization", "offeredBy"),
        prices=tuple(dict.fromkeys(price for node in inside for price in _prices(node)))[:MAX_EACH],
        contacts=tuple(dict.fromkeys(one[:LONGEST_CONTACT] for one in contacts if one))[:MAX_EACH],
        pictures=pictures_of(inside),
    )


def pictures_of(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Addresses of the `photo`s of dwellings, at most MOST_PICTURES; none where words or things beside it may be a
    person's."""
    found: dict[str, None] = {}
    for node in nodes:
        given = node.get("photo") if _is_any(node, DWELLINGS) else None
        for photo in given[:MAX_EACH] if isinstance(given, list) else [given]:
            address = _picture(photo)
            if address:
                found[address] = None
    return tuple(found)[:MOST_PICTURES]


def _picture(photo: object) -> str:
    """The address of one photograph, "" on any doubt."""
    if isinstance(photo, str):
        said, address = "", photo
    elif isinstance(photo, Mapping):
        if any(_is_any(node, PEOPLE) for node in _nodes([photo])) or "about" in photo or "mentions" in photo:
            return ""
        said = " ".join(_first(photo, key) for key in ("caption", "name", "description", "alternateName"))
        address = _first(photo, "contentUrl", "url")
    else:
        return ""
    if not address or len(address) > LONGEST_ADDRESS:
        return ""
    return "" if PERSONAL.search(f"{HOST.sub('', address)} {said}") else address


def _is_any(node: Node, wanted: Sequence[str]) -> bool:
    types = node.get("@type")
    return any(one in wanted for one in (types[:MAX_EACH] if isinstance(types, list) else [types]))


def _nodes(items: Sequence[object]) -> Iterator[Node]:
    """Objects, outer before inner, at most MAX_NODES."""
    level: list[object] = list(items)
    seen = 0
    for _ in range(MAX_LEVELS):
        inner: list[object] = []
        for item in level:
            if isinstance(item, Mapping) and seen < MAX_NODES:
                seen += 1
                yield item
            inner += _children(item)[: max(0, MAX_NODES - len(inner))]
        level = inner


def _children(item: object) -> list[object]:
    if isinstance(item, Mapping):
        return [value for value in item.values() if isinstance(value, Mapping | list)]
    return item[:MAX_NODES] if isinstance(item, list) else []


def _rank(node: Node) -> int:
    """The place of the node's type among TYPES; their number for any other."""
    types = node.get("@type")
    named = types[:MAX_EACH] if isinstance(types, list) else [types]
    return min((TYPES.index(one) for one in named if one in TYPES), default=len(TYPES))


def _first(node: Node, *keys: str) -> str:
    return next((text for key in keys if (text := _text(node.get(key)))), "")


def _text(value: object) -> str:
    """A text, the first of a list, or the name of a thing."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("@value") or ""
    if isinstance(value, str):
        return value[:LONGEST].strip()
    return f"{value}"[:LONGEST] if isinstance(value, float) else _whole(value)


def _whole(value: object) -> str:
    """A number that a price could be: printing a huge one takes time that grows with its square."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= LARGEST_AMOUNT:
        return ""
    return str(value)


def _place(nodes: Sequence[Node]) -> str:
    """Town, region and country; a point rounded to a tenth of a degree where there is no town."""
    for node in nodes:
        parts = [_text(node.get(key))[:60] for key in ("addressLocality", "addressRegion", "addressCountry")]
        if any(parts):
            return ", ".join(part for part in parts if part)
    for node in nodes:
        try:
            latitude, longitude = (float(_text(node.get(key))) for key in ("latitude", "longitude"))
        except ValueError:
            continue
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return f"{latitude:.1f} {longitude:.1f}"
    return ""


def _prices(node: Node) -> Iterator[Price]:
    currency = _text(node.get("priceCurrency") or node.get("currency")).upper()
    if not CURRENCY.fullmatch(currency):
        return
    value = node.get("value")
    for holder in [node, *([value] if isinstance(value, Mapping) else [])]:
        per = _per(holder, node)
        for key in AMOUNTS:
            given = holder.get(key)
            amount = "" if isinstance(given, Mapping) else _text(given).replace(",", "")
            if AMOUNT.fullmatch(amount) and float(amount):
                yield Price(amount=amount, currency=currency, per=per)  # type: ignore[arg-type]  # a value of PER


def _per(*nodes: Node) -> str:
    named = (_first(node, "unitText", "unitCode").lower() for node in nodes)
    return next((PER[name] for name in named if name in PER), "unknown")
