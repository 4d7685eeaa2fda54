"""A travel-rule message judged: the transfer it belongs to, and the answer. No text of a message is repeated."""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec

from manumit.schemas.customer_check import Cited
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.jurisdiction import jurisdictions

Party = Literal["originator", "beneficiary", "originating-vasp", "beneficiary-vasp", "message"]
Kind = Literal["missing", "ill-formed", "filler", "unattested"]
Status = Literal["complete", "gaps", "absent", "not-due", "unusable"]
Money = Annotated[float, msgspec.Meta(ge=0)]


class MessageTransfer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The transfer a message belongs to, by a profile of `schemas/jurisdictions`.

    Its worth either as `amount`, in the profile's currency, or as `amount_usd` with `usd_per_unit`, the USD worth of
    one unit of that currency (1 where it is USD). A worth that is not known counts as reaching every level.
    `direction` is seen from our customer; `at_us` is when the message was sent, now when left out. Raises ValueError.
    """

    profile: str
    amount: Money | None = None
    amount_usd: Money | None = None
    usd_per_unit: Annotated[float, msgspec.Meta(gt=0)] | None = None
    direction: Literal["out", "in"] = "out"
    counterparty: Literal["vasp", "self-hosted", "unknown"] = "vasp"
    attested: bool = False
    at_us: Annotated[int, msgspec.Meta(ge=0, le=YEAR_2200_US)] | None = None

    def __post_init__(self) -> None:
        if self.profile not in jurisdictions():
            raise ValueError(f"there is no profile {self.profile[:40]!r}; there are {', '.join(jurisdictions())}")
        if self.amount is not None and (self.amount_usd is not None or self.usd_per_unit is not None):
            raise ValueError("give the amount in the profile's currency, or in USD with a rate, not both")
        given = [worth for worth in (self.amount, self.amount_usd, self.usd_per_unit) if worth is not None]
        if not all(math.isfinite(worth) and worth >= 0 for worth in given) or self.usd_per_unit == 0:
            raise ValueError("amounts and rates are finite, not negative, and a rate is not 0")

    @property
    def rate(self) -> float | None:
        """USD for one unit of the profile's currency; None where it is not known."""
        return 1.0 if jurisdictions()[self.profile].currency == "USD" else self.usd_per_unit

    @property
    def is_worth_known(self) -> bool:
        return self.amount is not None or (self.amount_usd is not None and self.rate is not None)


class TravelRuleGap(msgspec.Struct, frozen=True, kw_only=True):
    """One gap. `field` in the 2023 spelling; `rule` in short, `cited` the text that asks."""

    field: str
    party: Party
    kind: Kind
    why: str
    remedy: str
    rule: str
    cited: Cited


class TravelRuleNote(msgspec.Struct, frozen=True, kw_only=True):
    """Something odd that no rule forbids, for a person's eyes."""

    field: str
    why: str


class TravelRuleCheck(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is the word for `travel_rule` of an account event, or `unusable`: `why` says what cannot be read.

    `due`: data had to travel at all. `profile` is empty where the standard alone judges; `worth_known` is False where
    the amount was not known and counted as reaching every level.
    """

    status: Status
    why: str = ""
    form: str = ""
    profile: str = ""
    due: bool = True
    worth_known: bool = False
    gaps: tuple[TravelRuleGap, ...] = ()
    remarks: tuple[TravelRuleNote, ...] = ()
