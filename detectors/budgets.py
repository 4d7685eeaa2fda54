"""The alert budget: how loud each rule may be on ordinary traffic, and which alerts on it are known and explained."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec


class Louder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget of its own for one rule."""

    alerts_per_10000: float
    why: str


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Alerts of `rule` that are expected of the quiet corpus and not counted.

    `twin`: on an innocent of the generated world for whom the rule's letter holds. `listed`: on an account that a
    public sanctions list names.
    """

    rule: str
    subject: Literal["twin", "listed"]
    why: str


class Budgets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`alerts_per_10000` ordinary transfers holds for every rule that `louder` does not name."""

    alerts_per_10000: float
    louder: dict[str, Louder]
    known: tuple[Known, ...] = ()

    def of(self, rule: str) -> float:
        """Alerts that a rule may raise on 10,000 ordinary transfers."""
        return self.louder[rule].alerts_per_10000 if rule in self.louder else self.alerts_per_10000

    def forgives(self, rule: str, subject: Literal["twin", "listed"]) -> bool:
        return any(known.rule == rule and known.subject == subject for known in self.known)


@cache
def budgets() -> Budgets:
    """What `budgets.toml` says."""
    text = files("manumit.detectors").joinpath("budgets.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Budgets)
