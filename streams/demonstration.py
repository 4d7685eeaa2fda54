"""What `manumit demo` runs on: a generated world, and real blocks where they are (else the shipped sample)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import as_file, files
from pathlib import Path

import msgspec

from manumit.connectors.files.survey import open_files
from manumit.connectors.rates import read_rates
from manumit.connectors.store.opening import open_store
from manumit.connectors.world.generate import generate, quiet
from manumit.connectors.world.world import write
from manumit.schemas.errors import ConfigError
from manumit.schemas.fields import YEAR_1970_US
from manumit.schemas.label import Label
from manumit.schemas.settings import Settings
from manumit.streams.assembly import all_labels
from manumit.streams.training import train

MARK = "manumit-demo"
SEED, QUIET_SEED, SCALE = 7, 11, 10
BLOCKS = (
    "raphtory/transactions_03300000_03399999_small.csv.gz",
    "graphsense-lib/account/eth/tokens",
    "ethereum-etl/test_stream/blocks_17173049_17173050/expected_token_transfers.json",
)
RATES = ("ETH={0}/raphtory/ETH-USD.csv",)
LABELS = (
    "ofac",
    "graphsense-tagpacks/ofac.yaml",
    "graphsense-tagpacks/tornado_cash.yaml",
    "graphsense-tagpacks/usdt_blacklist.yaml",
    "graphsense-tagpacks/exchange-wallets-binance.yaml",
    "graphsense-tagpacks/etherscan-wordcloud-exchange.yaml",
    "graphsense-tagpacks/etherscan-wordcloud-mixing_service.yaml",
    "graphsense-tagpacks/hacks.yaml",
    "graphsense-tagpacks/ransomware.yaml",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Settings that run the demonstration, labels to add to them, and what the real part is, in words."""

    settings: Settings
    labels: tuple[Label, ...]
    real: str


def stage(folder: Path, environment: Mapping[str, str], repository: Path) -> Stage:
    """Builds a fresh world and model in `folder`; an earlier demonstration there is removed first.

    Raises ConfigError for a folder that holds anything else, or whose demonstration still runs.
    """
    _emptied(folder)
    world = folder / "world"
    world.mkdir(parents=True)
    write(generate(SEED, SCALE), world)
    calm = folder / "quiet"
    calm.mkdir()
    write(quiet(QUIET_SEED, SCALE), calm)
    model, _ = train(open_files(calm / "transfers.parquet", read_rates(())), folder / "models", SEED)
    key = folder / "token.key"
    key.touch(mode=0o600)
    key.write_bytes(sha256(b"the demonstration's people are invented: its key may be known").digest())
    real = real_data(environment, repository)
    settings = Settings(
        store_url=f"embedded:{folder / 'store'}",
        state_dir=str(folder / "state"),
        token_key_file=str(key),
        model=str(model),
        inputs=(str(world),),
    )
    if real is None:
        return _with_sample(settings, folder)
    return Stage(
        settings=msgspec.structs.replace(
            settings,
            inputs=(*settings.inputs, *(str(real / path) for path in BLOCKS if (real / path).exists())),
            rates=tuple(spec.format(real) for spec in RATES),
        ),
        labels=undated(all_labels([str(real / path) for path in LABELS if (real / path).exists()])[0]),
        real=f"real Ethereum blocks of 2017, 2022 and 2023 from {real}",
    )


def _emptied(folder: Path) -> None:
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()):
        if not mark.is_file():
            raise ConfigError(f"{folder} is not empty and holds no demonstration: name another folder")
        if (folder / "store").exists():
            open_store(f"embedded:{folder / 'store'}").close()  # refused while a demonstration uses it
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_text("Everything here was made by `manumit demo`, which empties this folder when it starts.\n")


def real_data(environment: Mapping[str, str], repository: Path) -> Path | None:
    """The folder of real chain data, where there is one."""
    named = environment.get("MANUMIT_SHARED_DATA")
    folder = (Path(named) if named else repository.parent / "shared" / "data") / "chains"
    return folder if folder.is_dir() else None


def _with_sample(settings: Settings, folder: Path) -> Stage:
    target = folder / "sample"
    with as_file(files("manumit.connectors.world") / "sample") as shipped:
        shutil.copytree(shipped, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return Stage(
        settings=msgspec.structs.replace(settings, inputs=(*settings.inputs, str(target / "token_transfers.json"))),
        labels=undated(all_labels([str(target / "sanctioned_addresses_ETH.txt")])[0]),
        real="the shipped sample, for real blocks are not here (set MANUMIT_SHARED_DATA)",
    )


def undated(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """Valid at any time: the blocks are older than the lists. The alert still says when the list was made."""
    return tuple(msgspec.structs.replace(label, valid_from_us=YEAR_1970_US) for label in labels)
