"""Made job adverts in EMSCAD's columns, to run what learns from labelled adverts. Nobody's words.

Between invented words stand a few that honest adverts say and a few that frauds say. A model of them is good for
nothing but tests: the two kinds differ far more than real ones. Half of the adverts are near-copies of earlier ones.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

COLUMNS = ("job_id", "title", "location", "company_profile", "description", "requirements", "benefits", "fraudulent")
MISTAKEN = 0.15  # of what an advert says is said by the other kind
COPIED = 0.5
RECENT = 40  # adverts that may be copied
TITLES = ("Kitchen hand", "Ward clerk", "Forklift driver", "Payroll assistant", "Web developer", "Night porter")
TOWNS = ("US, OH, Made-up Falls", "GB, , Inventham", "DE, BE, Erdachtdorf", "NZ, , Fictown")
HONEST = (
    "shift roster", "two references", "paid holidays", "pension plan", "trade papers", "early shift", "second hall",
    "forklift licence", "probation period", "works council",
)  # fmt: skip
FRAUD = (
    "weekly cash", "starter kit", "bank login", "gift card", "no interview", "identity card", "from home",
    "training fee", "by messenger", "starting today",
)  # fmt: skip
SYLLABLES = ("ba", "ko", "ri", "du", "me", "so", "ta", "li", "ne", "vu", "po", "ga", "zi", "fe", "ho", "ja")


def made_adverts(seed: int, adverts: int, fraud_share: float = 0.1) -> list[dict[str, str]]:
    """Rows by column; the same arguments give the same rows."""
    dice = random.Random(seed)  # noqa: S311 - made-up adverts, no secret
    rows: list[dict[str, str]] = []
    for number in range(adverts):
        earlier = [
            row for row in rows[-RECENT:] if (row["fraudulent"] == "1") == (number % round(1 / fraud_share) == 0)
        ]
        if earlier and dice.random() < COPIED:
            row = {**dice.choice(earlier), "location": dice.choice(TOWNS)}
        else:
            row = _advert(dice, is_fraud=number % round(1 / fraud_share) == 0)
        rows.append({**row, "job_id": str(number + 1)})
    return rows


def write_adverts(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        written = csv.DictWriter(out, COLUMNS)
        written.writeheader()
        written.writerows(rows)


def _advert(dice: random.Random, *, is_fraud: bool) -> dict[str, str]:
    return {
        "title": dice.choice(TITLES),
        "location": dice.choice(TOWNS),
        "company_profile": f"{_words(dice, 5).capitalize()}.",
        "description": f"<p>{' '.join(_line(dice, is_fraud=is_fraud) for _ in range(5))}</p>",
        "requirements": _line(dice, is_fraud=is_fraud),
        "benefits": "",
        "fraudulent": str(int(is_fraud)),
    }


def _line(dice: random.Random, *, is_fraud: bool) -> str:
    says = FRAUD if is_fraud != (dice.random() < MISTAKEN) else HONEST
    return f"{_words(dice, 4)} {dice.choice(says)} {_words(dice, 3)}.".capitalize()


def _words(dice: random.Random, count: int) -> str:
    return " ".join("".join(dice.choices(SYLLABLES, k=3)) for _ in range(count))
