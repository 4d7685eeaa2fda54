"""`python -m bench.reading [SEED]`: telephone numbers found exactly, beside phonenumbers alone in the same run."""

from __future__ import annotations

import sys
from collections import Counter

import phonenumbers
from rich.console import Console
from rich.table import Table

from bench.obfuscation import FURTHER, NINE, Sample, samples
from manumit.detectors.text.phones import phones

EACH = 200
SEED = 20_261_124


def ours(sample: Sample) -> list[str]:
    return [phone.number for phone in phones(sample.text, sample.region)]


def alone(sample: Sample) -> list[str]:
    """Google's matcher with its widest net."""
    matcher = phonenumbers.PhoneNumberMatcher(
        sample.text, sample.region, leniency=phonenumbers.Leniency.POSSIBLE, max_tries=1_000
    )
    form = phonenumbers.PhoneNumberFormat.E164
    return [phonenumbers.format_number(match.number, form) for match in matcher]


def main(seed: int) -> None:
    screen = Console()
    for title, kinds in (("nine kinds", NINE), ("further kinds", FURTHER)):
        lines = list(samples(kinds, EACH, seed))
        right = Counter(s.kind for s in lines if ours(s) == [s.number])
        peer = Counter(s.kind for s in lines if alone(s) == [s.number])
        table = Table("kind", "manumit", "phonenumbers", title=f"{title}, {len(lines)} lines, seed {seed}")
        for kind in kinds:
            table.add_row(kind, f"{right[kind] / EACH:.3f}", f"{peer[kind] / EACH:.3f}")
        table.add_row("all", f"{right.total() / len(lines):.3f}", f"{peer.total() / len(lines):.3f}")
        screen.print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SEED)
