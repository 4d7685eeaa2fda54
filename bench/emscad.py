"""`python -m bench.emscad [FILE]`: the model of job adverts on EMSCAD, near-copies never on both sides of a split.

The file is the user's (argument, or MANUMIT_EMSCAD); manumit ships none. Without it the same program runs on made
adverts, whose figures mean nothing but that it runs. Random splits flatter: half of EMSCAD's adverts have a near-copy.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from manumit.connectors.listings.emscad import labelled, read_emscad
from manumit.connectors.world.labelled_adverts import made_adverts
from manumit.schemas.errors import ConfigError
from manumit.streams.advert_training import SEEDS, Evaluation, Measured, evaluate, quiet

PEER = "published: AP 0.756 and F1 0.7045 of a linear SVM over groups of near-templates, F1 0.897 over random splits"
MADE = {"seed": 3, "adverts": 400}


def told(name: str, found: Measured) -> str:
    return f"{name} {found.mean:.3f} (95 % {found.low:.3f} to {found.high:.3f})"


def show(found: Evaluation) -> None:
    print(f"{found.adverts:,} adverts, {found.fraudulent:,} fraudulent, {found.groups:,} groups of near-copies")
    print(told("average precision", found.ap))
    print(told("recall at precision 0.9", found.recall))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The model of job adverts, measured over groups of near-copies.")
    parser.add_argument("file", nargs="?", default=os.environ.get("MANUMIT_EMSCAD", ""), help="EMSCAD as CSV")
    parser.add_argument("--splits", type=int, default=len(SEEDS), help="how many of the five seeds to run")
    given = parser.parse_args(arguments)
    try:
        if given.file:
            show(evaluate(quiet(read_emscad(Path(given.file))), SEEDS[: given.splits]))
            print(PEER)
            return 0
        print("skipped: no file of EMSCAD; give its path or set MANUMIT_EMSCAD. Made adverts instead, to show it runs:")
        show(evaluate(labelled(iter(made_adverts(**MADE))), SEEDS[: given.splits]))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
