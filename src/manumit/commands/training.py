"""Commands about models: train one, and show how far traffic has drifted from what it learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from manumit.commands.terminal import Json, complain, explained, put_json, put_table
from manumit.connectors.contract import Source
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import Rates, read_rates
from manumit.schemas.errors import ConfigError
from manumit.streams.advert_training import train_adverts
from manumit.streams.models import FOREST, drift_of
from manumit.streams.training import quiet_rows, read_cases, train, train_marked, train_streaming

RatesFiles = Annotated[list[str] | None, typer.Option("--rates", help="Daily rates, SYMBOL=FILE; repeatable.")]
LITTLE, MUCH = 0.1, 0.25  # Siddiqi 2006: a population stability index beyond it is a change that wants attention


def train_model(
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of quiet transfers, or labelled adverts.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model file.")] = Path("var/models"),
    seed: Annotated[int, typer.Option(help="The same transfers and seed give the same file.")] = 1,
    marked: Annotated[
        Path | None, typer.Option(help="Folder of known stories, with truth.json as `simulate` writes it.")
    ] = None,
    streaming: Annotated[bool, typer.Option("--streaming", help="The model that goes on learning.")] = False,
    after: Annotated[
        Path | None, typer.Option(help="A streaming model that is to learn on; it stays as it is.")
    ] = None,
    adverts: Annotated[
        bool,
        typer.Option("--adverts", help="One CSV file of labelled job adverts in EMSCAD's columns; see advert_model."),
    ] = False,
    rates: RatesFiles = None,
    as_json: Json = False,
) -> None:
    """Learn a model from quiet traffic, with --marked from known stories beside it, with --streaming in order of time.

    Put the printed path into the settings: as `model`, `marked_model` or `streaming_model`.
    """
    with explained():
        if adverts:
            if len(inputs) != 1:
                raise ConfigError("give one file of labelled adverts")
            _put_model(*train_adverts(Path(inputs[0]), out, seed), as_json=as_json)
            return
        known = read_rates(rates or ())
        sources = _opened(inputs, known)
        if marked is None:
            learns_on = streaming or after is not None
            path, rows = train_streaming(sources, out, seed, after) if learns_on else train(sources, out, seed)
            _put_model(path, rows, as_json=as_json)
            return
        stories, cases = _opened([str(marked / "transfers.parquet")], known), read_cases(marked / "truth.json")
        _put_model(*train_marked(sources, stories, cases, out, seed), as_json=as_json)


def _put_model(path: Path, rows: int, marked_rows: int = 0, *, as_json: bool) -> None:
    if as_json:
        put_json({"model": str(path), "rows": rows, **({"marked_rows": marked_rows} if marked_rows else {})})
        return
    beside = f" and {marked_rows:,} marked ones" if marked_rows else ""
    complain.print(Text(f"{path}: learned from {rows:,} rows{beside}"))


def drift(
    model: Annotated[Path, typer.Argument(help="A model file written by `manumit train`.")],
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of newer transfers.")],
    rates: RatesFiles = None,
    as_json: Json = False,
) -> None:
    """How far newer transfers lie from the quiet ones a model learned: PSI and KS of each feature."""
    with explained():
        found = drift_of(model, quiet_rows(_opened(inputs, read_rates(rates or ())), FOREST))
        if as_json:
            put_json([asdict(one) for one in found])
            return
        rows = [(one.feature, f"{one.psi:.3f}", f"{one.ks:.3f}", _word(one.psi)) for one in found]
        put_table(("feature", "psi", "ks", ""), rows)


def _word(psi: float) -> str:
    """Siddiqi's reading of the index."""
    return "little" if psi < LITTLE else "some" if psi < MUCH else "much"


def _opened(inputs: Sequence[str], rates: Rates) -> list[Source]:
    sources = [source for path in inputs for source in open_files(path, rates)]
    if not sources:
        raise ConfigError("nothing to learn from")
    return sources
