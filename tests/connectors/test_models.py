from __future__ import annotations

import pickle
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import skops.io

from manumit.connectors.models import load, save
from manumit.detectors.models.activity import matrix
from manumit.detectors.models.isolation_forest import from_parts, score, to_parts
from manumit.detectors.models.quiet import quiet_block
from manumit.schemas.errors import ConfigError
from tests.detectors.judge import quiet_model


def named(folder: Path, written: bytes) -> Path:
    path = folder / f"{sha256(written).hexdigest()}.skops"
    path.write_bytes(written)
    return path


def test_a_saved_model_scores_the_same(tmp_path: Path) -> None:
    path = save(to_parts(quiet_model()), tmp_path / "new")
    rows = matrix(quiet_block(300))
    assert np.array_equal(score(from_parts(load(path)), rows), score(quiet_model(), rows))
    assert list((tmp_path / "new").iterdir()) == [path]


def test_equal_models_have_equal_files(tmp_path: Path) -> None:
    parts = to_parts(quiet_model())
    copies = {name: part.copy() for name, part in reversed(parts.items())}
    assert save(parts, tmp_path / "a").name == save(copies, tmp_path / "b").name
    other = {**parts, "typical": parts["typical"] + 1}
    assert save(other, tmp_path / "a").name != save(parts, tmp_path / "a").name


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = save(to_parts(quiet_model()), tmp_path)
    written = bytearray(path.read_bytes())
    written[len(written) // 2] ^= 1
    path.write_bytes(bytes(written))
    with pytest.raises(ConfigError, match="does not match its name"):
        load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nothing\.skops"):
        load(tmp_path / "nothing.skops")


def test_anything_but_arrays_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="only arrays"):
        load(named(tmp_path, skops.io.dumps({"feature": Path("x")})))
    with pytest.raises(ConfigError, match="not a set of named arrays"):
        load(named(tmp_path, skops.io.dumps({"feature": "text"})))


def test_a_pickle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a model file"):
        load(named(tmp_path, pickle.dumps({"feature": 1})))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot write"):
        save(to_parts(quiet_model()), tmp_path / "file")
