"""Model files: written with skops, named by the sha256 of their bytes, never pickled."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo, is_zipfile

import numpy as np
import numpy.typing as npt

from manumit.schemas.errors import ConfigError

SUFFIX = ".skops"
SCHEMA = "schema.json"
OBJECT_ID = re.compile(r'(?<="__id__": )\d+|(?<="file": ")\d+(?=\.npy")')
BEFORE_ALL_CLOCKS = (1980, 1, 1, 0, 0, 0)
MAX_BYTES = 256 * 1024 * 1024
Array = npt.NDArray[Any]


def save(parts: Mapping[str, Array], folder: Path) -> Path:
    """Write a model's arrays (`to_parts` of its detector) into `folder` as SHA256.skops; returns the path.

    The file appears whole or not at all, and equal arrays give an equal file. Raises ConfigError when the
    folder cannot be written.
    """
    import skops.io  # two seconds, which only models are worth

    written = _steady(skops.io.dumps({name: np.ascontiguousarray(parts[name]) for name in sorted(parts)}))
    path = folder / f"{sha256(written).hexdigest()}{SUFFIX}"
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(written)
        unfinished.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write the model to {folder}: {error}") from error
    return path


def _steady(written: bytes) -> bytes:
    """The same archive without what differs from run to run: memory addresses used as ids, and the clock."""
    with ZipFile(BytesIO(written)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    schema = members.pop(SCHEMA).decode()
    numbers = {found: str(i) for i, found in enumerate(dict.fromkeys(OBJECT_ID.findall(schema)))}
    members = {f"{numbers[name.removesuffix('.npy')]}.npy": member for name, member in members.items()}
    members[SCHEMA] = OBJECT_ID.sub(lambda match: numbers[match[0]], schema).encode()
    steady = BytesIO()
    with ZipFile(steady, "w") as archive:
        for name in sorted(members):
            archive.writestr(ZipInfo(name, BEFORE_ALL_CLOCKS), members[name])
    return steady.getvalue()


def load(path: Path) -> dict[str, Array]:
    """The arrays of a model file, for `from_parts` of its detector.

    Raises ConfigError when it is missing, its bytes do not match its name, or it holds anything but arrays.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"model {path} is larger than {MAX_BYTES} bytes: not one of ours")
        read = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the model {path}: {error}") from error
    if sha256(read).hexdigest() != path.name.removesuffix(SUFFIX):
        raise ConfigError(f"model {path} does not match its name: it was changed or renamed; train it again")
    return _arrays(path, read)


def _arrays(path: Path, read: bytes) -> dict[str, Array]:
    if not is_zipfile(BytesIO(read)):
        raise ConfigError(f"{path} is not a model file: train the model again")
    import skops.io  # two seconds, which only models are worth

    if strange := skops.io.get_untrusted_types(data=read):
        raise ConfigError(f"model {path} holds {', '.join(strange)}: only arrays are loaded")
    held = skops.io.loads(read, trusted=[])
    if not isinstance(held, dict) or not all(isinstance(part, np.ndarray) for part in held.values()):
        raise ConfigError(f"model {path} is not a set of named arrays: train it again")
    return held
