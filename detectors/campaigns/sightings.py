"""Who advertises what where: distinct contacts, places, texts by campaign and by contact, as of each advert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from manumit.detectors.campaigns.features import Distinct, Group
from manumit.detectors.campaigns.roots import Link, Roots
from manumit.detectors.campaigns.tally import Sighting, Tally
from manumit.schemas.listing import Listing

MOST_IDENTIFIERS = 30  # ours: contacts of one author; more is a shared number, not a person
MOST_RESOLVED = 64  # ours: so many contacts or texts are told apart after joining; beyond it does not matter
NO_LIMIT = 2**62


class Dump(msgspec.Struct, frozen=True, kw_only=True):
    """`tallies` in the order of the planned windows."""

    contacts: list[Link]
    campaigns: list[Link]
    tallies: list[list[Sighting]]


class Sightings:
    """Counts the union of `features`. Adverts come in the order of time."""

    def __init__(self, features: Iterable[Distinct]) -> None:
        planned: dict[tuple[Group, int], dict[Distinct, int]] = {}
        for feature in sorted(set(features), key=repr):
            columns = planned.setdefault((feature.by, feature.window_us), {})
            columns[feature] = len(columns)
        longest_us = max((window_us for _, window_us in planned), default=1)
        self._contacts = Roots(longest_us, MOST_IDENTIFIERS)
        self._campaigns = Roots(longest_us, NO_LIMIT)
        roots = {"contact": self._contacts, "campaign": self._campaigns}
        self._planned = planned
        self._tallies = {key: Tally(key[1], len(planned[key]), roots[key[0]].root) for key in planned}

    def see(
        self, listing: Listing, campaign: str, at_us: int, merges: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """`merges`: (campaign that stays, campaign that ends) because of this advert. Returns the same of contacts."""
        for tally in self._tallies.values():
            tally.forget(at_us)
        self._contacts.forget(at_us)
        self._campaigns.forget(at_us)
        for stays, ends in merges:
            self._campaigns.link(stays, ends, at_us)
            self._merge("campaign", stays, ends)
        names = identifiers(listing)
        tried = (self._contacts.join(names[0], other, at_us) for other in names[1:])
        joined = [pair for pair in tried if pair is not None]
        for stays, ends in joined:
            self._merge("contact", stays, ends)
        for (by, window), tally in self._tallies.items():
            group = self.group(by, listing, campaign)
            if group:
                columns = self._planned[by, window]
                values = tuple(facet_values(feature, listing, campaign) for feature in columns)
                tally.add(Sighting(at_us, group, values))
        return joined

    def count(self, feature: Distinct, listing: Listing, campaign: str) -> int:
        """As of the advert just seen."""
        group = self.group(feature.by, listing, campaign)
        key = (feature.by, feature.window_us)
        values = self._tallies[key].values(group, self._planned[key][feature])
        if feature.of not in ("authors", "texts") or len(values) > MOST_RESOLVED:
            return len(values)
        roots = self._contacts if feature.of == "authors" else self._campaigns
        return len({roots.root(value) for value in values})

    def group(self, by: Group, listing: Listing, campaign: str) -> str:
        """The group an advert belongs to; "" for an advert that names nobody to contact."""
        if by == "campaign":
            return campaign
        names = identifiers(listing)
        return self._contacts.root(names[0]) if names else ""

    def _merge(self, by: Group, stays: str, ends: str) -> None:
        for (grouped, _), tally in self._tallies.items():
            if grouped == by:
                tally.merge(stays, ends)

    def dump(self) -> Dump:
        return Dump(
            contacts=self._contacts.dump(),
            campaigns=self._campaigns.dump(),
            tallies=[tally.dump() for tally in self._tallies.values()],
        )

    def load(self, dump: Dump) -> None:
        """Into fresh sightings of the same features."""
        self._contacts.load(dump.contacts)
        self._campaigns.load(dump.campaigns)
        for tally, sightings in zip(self._tallies.values(), dump.tallies, strict=True):
            tally.load(sightings)


def identifiers(listing: Listing) -> tuple[str, ...]:
    """Contact tokens and wallets; where there are none, the poster."""
    names = (*listing.contacts, *listing.wallets)
    if names:
        return tuple(dict.fromkeys(names))
    return (f"poster:{listing.source}:{listing.poster}",) if listing.poster else ()


def country(place: str) -> str:
    """The country at the head of a coarse cell such as `US-NY`, else ""."""
    head = place[:2].upper()
    return head if len(head) == 2 and head.isalpha() and not place[2:3].isalnum() else ""


def facet_values(feature: Distinct, listing: Listing, campaign: str) -> tuple[str, ...]:
    """What one advert adds to a feature; nothing for what it does not tell."""
    if feature.kinds and listing.kind not in feature.kinds:
        return ()
    values: Mapping[str, str] = {
        "adverts": f"{listing.source}:{listing.listing_id}",
        "texts": campaign,
        "authors": next(iter(identifiers(listing)), ""),
        "cells": listing.place,
        "countries": country(listing.place),
        "posters": f"{listing.source}:{listing.poster}" if listing.poster else "",
        "sources": listing.source,
        "kinds": listing.kind,
        "languages": listing.language,
    }
    return (values[feature.of],) if values[feature.of] else ()
