"""Adverts behind an alert: each as it was read, and what is constant and what varies in the copies of a campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from manumit.console.advert_forms import Advert, CampaignTemplate, TemplatePart
from manumit.detectors.campaigns.templates import template
from manumit.detectors.combining import CAMPAIGN
from manumit.detectors.text.advert import said
from manumit.detectors.text.reading import quiet_text
from manumit.schemas.listing import Listing

MOST_COPIES = 12  # the work is a square of the words for each: a page is not to wait for it
FEWEST_COPIES = 2
MOST_VALUES = 12  # of one slot that are shown
MOST_CHARACTERS = 2_000  # of a copy that are compared


def advert(listing: Listing) -> Advert:
    return Advert(
        event_id=listing.event_id,
        source=listing.source,
        listing_id=listing.listing_id,
        kind=listing.kind,
        at_us=listing.at_us,
        title=listing.title,
        text=listing.text,
        language=listing.language,
        place=listing.place,
        wallets=listing.wallets,
        contacts=listing.contacts,
        payments=listing.payments,
    )


def campaign_template(subject: str, listings: Sequence[Listing]) -> CampaignTemplate | None:
    """Of the latest adverts in time order; None unless the subject is a campaign and two texts are still kept.

    Texts are masked where adverts are read; they are masked here again, so that none read elsewhere tells a contact.
    """
    texts = [said(one)[:MOST_CHARACTERS] for one in listings] if subject.startswith(CAMPAIGN) else []
    kept = [quiet_text(text) for text in texts if text.strip()][-MOST_COPIES:]
    if len(kept) < FEWEST_COPIES:
        return None
    parts = tuple(TemplatePart(constant=part.constant, values=_different(part.values)) for part in template(kept))
    return CampaignTemplate(copies=len(kept), parts=parts)


def _different(values: Sequence[str]) -> tuple[str, ...]:
    """Each once, the most frequent first, then in the order they were seen."""
    return tuple(value for value, _ in Counter(values).most_common(MOST_VALUES))
