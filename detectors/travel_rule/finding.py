"""What is said about a travel-rule message: gaps, which must be closed, and remarks, which a person should read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Party = Literal["originator", "beneficiary", "originating-vasp", "beneficiary-vasp", "message"]
GapKind = Literal["missing", "ill-formed", "filler", "unattested"]

PARTIES: dict[str, Party] = {
    "originator": "originator",
    "beneficiary": "beneficiary",
    "originatingVASP": "originating-vasp",
    "beneficiaryVASP": "beneficiary-vasp",
}
REMEDIES: dict[GapKind, str] = {
    "missing": "Ask the other provider for it before the value is made available.",
    "ill-formed": "Ask for it again in the form of the standard.",
    "filler": "Ask for the real value; a filler is as good as nothing.",
    "unattested": "Have the customer show control of the wallet, by a signed message or a small transfer.",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Gap:
    """`path` in the 2023 spelling; `rule` is the constraint or the source and section that asks for it.

    No text of the message is repeated here: it holds people's data.
    """

    path: str
    kind: GapKind
    rule: str
    why: str

    @property
    def party(self) -> Party:
        return PARTIES.get(self.path.partition(".")[0].partition("[")[0], "message")

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Remark:
    """Something odd that no rule forbids."""

    path: str
    why: str
