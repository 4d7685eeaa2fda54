"""What a snapshot says of a customer, as whole numbers. Pure."""

from __future__ import annotations

from manumit.schemas.block import MICRO_USD, USD_UNKNOWN
from manumit.schemas.countries import COUNTRIES
from manumit.schemas.customer import ADDRESS_TYPES, Customer
from manumit.schemas.placeholders import filled

FACTS = (
    "known",
    "legal",
    "business",
    "verified",
    "has_name",
    "has_birth",
    "has_address",
    "has_document",
    "document_expires_us",
    "opened_us",
    "verified_us",
    "income_micro",
    "age",
    "minimum_age",
    "address_type",
    "country",
    "face_failed",
    "guarded",
    "staff",
    "money_service",
    "related",
    "basic_tier",
    "cap_micro",
    "mobile",
    "at_us",
)
CODED_COUNTRIES = ("", *sorted(COUNTRIES))
COUNTRY_CODES = {code: number for number, code in enumerate(CODED_COUNTRIES)}
FAILED_TRIES = 2  # source: catalogue entry kyc-third-party-identity, "after >= 2 tries"
UPPER_TIERS = ("full", "high", "business", "enhanced", "professional")
MOBILE = ("driver", "pilot", "sailor", "seafarer", "cabin-crew", "musician", "athlete", "sales")
MONEY = ("income_micro", "cap_micro")
UNKNOWN = tuple(USD_UNKNOWN if name in MONEY else 0 for name in FACTS)


def address_code(kind: str) -> int:
    """Raises ValueError for a type of address that does not exist."""
    return ADDRESS_TYPES.index(kind)


def micro(usd: float | None) -> int:
    """-1 where unknown."""
    return USD_UNKNOWN if usd is None else round(usd * MICRO_USD)


def facts_of(one: Customer) -> tuple[int, ...]:
    """In the order of FACTS."""
    return (
        1,
        int(one.kind == "legal"),
        int(one.account_type == "business" or one.kind == "legal"),
        int(one.verification == "full"),
        int(bool(filled(one.name))),
        int(bool(filled(one.birth))),
        int(bool(filled(one.address))),
        int(any(map(filled, one.documents))),
        one.document_expires_us,
        one.opened_us,
        one.verified_us,
        micro(one.declared_income_usd),
        one.age,
        one.minimum_age,
        address_code(one.address_type),
        COUNTRY_CODES.get(one.jurisdiction or one.residence, 0),
        int(one.face_tries >= FAILED_TRIES and one.face_score < one.face_fail_mark),
        int(bool(filled(one.guardian))),
        one.staff,
        int("money-service" in one.registers),
        int(bool(one.related)),
        int(one.tier not in UPPER_TIERS),
        micro(one.tier_cap_usd),
        int(one.occupation in MOBILE),
        one.at_us,
    )
