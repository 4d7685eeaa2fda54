"""Model files: written with skops, named by the sha256 of their bytes, never pickled."""

from __future__ import annotations

import os
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np
import numpy.typing as npt
import skops.io

from manumit.schemas.errors import ConfigError

SUFFIX = ".skops"
MAX_BYTES = 256 * 1024 * 1024
Array = npt.NDArray[Any]


def save(parts: Mapping[str, Array], folder: Path) -> Path:
    """Write a model's arrays (`to_parts` of its detector) into `folder` as SHA256.skops; returns the path.

    The file appears whole or not at all. Raises ConfigError when the folder cannot be written.
    """
    written = skops.io.dumps({name: np.ascontiguousarray(part) for name, part in parts.items()})
    path = folder / f"{sha256(written).hexdigest()}{SUFFIX}"
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(written)
        unfinished.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot write the model to {folder}: {error}") from error
    return path


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
    if strange := skops.io.get_untrusted_types(data=read):
        raise ConfigError(f"model {path} holds {', '.join(strange)}: only arrays are loaded")
    held = skops.io.loads(read, trusted=[])
    if not isinstance(held, dict) or not all(isinstance(part, np.ndarray) for part in held.values()):
        raise ConfigError(f"model {path} is not a set of named arrays: train it again")
    return held
