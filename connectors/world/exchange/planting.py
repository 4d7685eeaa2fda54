"""All planted typologies, by catalogue entry, and how their cases are spread over strengths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from manumit.connectors.world.exchange.people import People
from manumit.connectors.world.exchange.plan import ExchangeCase, Plan, Strength, name
from manumit.connectors.world.exchange.plants import identity, journeys, money, words_and_gaps
from manumit.connectors.world.exchange.populations import POPULATIONS

PLANTS: Mapping[str, Callable[[Plan], list[str]]] = MappingProxyType(
    {
        "kyc-shared-identifiers-burst": identity.shared_identifiers,
        "kyc-single-controller": identity.single_controller,
        "kyc-third-party-identity": identity.third_party_identity,
        "kyc-minor-account": identity.minor_account,
        "kyc-id-avoidance": words_and_gaps.backs_out,
        "kyc-tier-cap-hugging": words_and_gaps.cap_hugging,
        "kyc-missing-cdd-fields": words_and_gaps.missing_data,
        "kyc-travel-rule-missing": words_and_gaps.travel_gap,
        "kyc-income-mismatch": money.income_mismatch,
        "kyc-temporary-address": identity.temporary_address,
        "kyc-living-cost-pattern": journeys.living_cost,
        "kyc-short-stays-many-cities": journeys.short_stays,
        "kyc-lodging-cash-colocation": journeys.lodging_cash,
        "kyc-geographic-movement": journeys.movement,
        "kyc-business-no-payroll": money.no_payroll,
        "kyc-wage-returned": money.wage_returned,
        "kyc-unlicensed-recruiter": identity.unlicensed_recruiter,
        "kyc-processor-concealment": money.processors,
        "kyc-prepaid-chains": money.prepaid,
        "kyc-third-party-fiat-then-vc": money.fiat_then_coins,
        "kyc-unregistered-vc-broker": money.broker,
        "kyc-memo-service-terms": words_and_gaps.service_notes,
        "kyc-memo-fees-taxes": words_and_gaps.fee_notes,
        "kyc-new-user-large-first-use": money.new_user,
        "kyc-low-value-cross-border-repeat": money.small_abroad,
        "kyc-many-small-foreign-credits-forwarded": money.small_credits,
        "kyc-sextortion-notes": words_and_gaps.pleading_notes,
        "kyc-many-young-one-off-senders": words_and_gaps.young_senders,
        "kyc-adverse-media": identity.adverse_media,
    }
)
Planted = dict[int, list[tuple[int, int, str, dict[str, Any]]]]


def planted(people: People, cases: int) -> tuple[tuple[ExchangeCase, ...], Planted]:
    """`cases` of each typology, weak to strong, over customers of their own. Raises Broken for too few customers."""
    dice = people.dice("free")
    free = {one.name: dice.permutation(people.of(one.name)).tolist() for one in POPULATIONS}
    found: list[ExchangeCase] = []
    rows: Planted = {}
    for place, (entry, write) in enumerate(PLANTS.items()):
        for index in range(cases):
            force = (index + 0.5) / cases
            own = np.random.default_rng([people.seed, 77, place, index])
            plan = Plan(people, own, place * 1024 + index, force, free, rows)
            subjects = write(plan)
            found.append(
                ExchangeCase(
                    case_id=f"{entry}-{index + 1}",
                    entry=entry,
                    strength=strength_of(force),
                    subjects=tuple(subjects),
                    customers=tuple(name(one) for one in plan.taken),
                )
            )
    return tuple(found), rows


def strength_of(force: float) -> Strength:
    if force < 1 / 3:
        return "weak"
    return "plain" if force < 2 / 3 else "strong"
