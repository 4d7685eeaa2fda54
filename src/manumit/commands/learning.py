"""The command that learns: train."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from manumit.commands.running import RatesFiles
from manumit.commands.terminal import Json, complain, explained, put_json
from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import read_rates
from manumit.schemas.errors import ConfigError
from manumit.streams.advert_training import train_adverts
from manumit.streams.training import train


def train_model(
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of quiet transfers, or labelled adverts.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the model file.")] = Path("var/models"),
    seed: Annotated[int, typer.Option(help="The same transfers and seed give the same file.")] = 1,
    adverts: Annotated[
        bool, typer.Option("--adverts", help="One CSV file of labelled job adverts in EMSCAD's columns; see advert_model.")
    ] = False,
    rates: RatesFiles = None,
    as_json: Json = False,
) -> None:
    """Learn the anomaly model from quiet traffic; put the printed path into the settings as `model`."""
    with explained():
        if adverts:
            if len(inputs) != 1:
                raise ConfigError("give one file of labelled adverts")
            _put_model(*train_adverts(Path(inputs[0]), out, seed), as_json=as_json)
            return
        known = read_rates(rates or ())
        sources = [source for path in inputs for source in open_files(path, known)]
        if not sources:
            raise ConfigError("nothing to learn from")
        _put_model(*train(sources, out, seed), as_json=as_json)


def _put_model(path: Path, rows: int, *, as_json: bool) -> None:
    if as_json:
        put_json({"model": str(path), "rows": rows})
    else:
        complain.print(Text(f"{path}: learned from {rows:,} rows"))
