from __future__ import annotations

import pytest

from manumit.detectors.text.places.cells import cell
from manumit.detectors.text.reading import quiet_text


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Room at 12 Oak Street, apt 4, near the park", "Room at [address], near the park"),
        ("12 rue de la Paix", "[address]"),
        ("ул. Ленина, д. 5", "[address]"),
        ("59.91234, 10.75321", "[address]"),
        ("My name is Anna Example, call me", "My name is [name], call me"),
        ("ask for details", "ask for details"),
        ("2 rooms on main street, 5 minutes from Oak Avenue", "2 rooms on main street, 5 minutes from Oak Avenue"),
        ("wa.me/12025550147 or https://t.me/made_up_name", "[tel] or [telegram]"),
        ("roe arroba example punto com", "[email]"),
    ],
)
def test_masks(text: str, want: str) -> None:
    assert quiet_text(text) == want


@pytest.mark.parametrize(
    ("place", "want"),
    [
        ("12 Oak Street, Auburn, AL 36830", "US-djg1"),
        ("London, Ontario", "CA-dpwh"),
        ("London, UK", "GB-gcpv"),
        ("กรุงเทพ", "TH-w4rq"),
        ("US, MA, salisbury", "US"),
        ("XA-03", "XA-03"),
        ("nowhere at all", ""),
    ],
)
def test_places_become_coarse_cells(place: str, want: str) -> None:
    assert cell(place) == want
