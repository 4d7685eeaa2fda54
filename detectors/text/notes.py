"""Payment notes searched for terms: masks over rows. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from manumit.detectors.customers.coded import Coded
from manumit.detectors.text.lexicon import Lexicon, lexicon
from manumit.detectors.text.normalise import fold

MAX_CHARACTERS = 500  # ours: notes are short; a longer one is read so far
REMEMBERED = 65_536


def noted(notes: Coded, says: Callable[[Lexicon, str], bool]) -> npt.NDArray[np.bool_]:
    """bool[n]: what `says` finds in the folded note. Equal notes are read once."""
    answers = np.zeros(len(notes.names) + 1, np.bool_)
    for code in np.unique(notes.codes).tolist():
        if code >= 0:
            answers[code] = _says(notes.names[code], says)
    found: npt.NDArray[np.bool_] = answers[notes.codes]
    return found


@lru_cache(maxsize=REMEMBERED)
def _says(note: str, says: Callable[[Lexicon, str], bool]) -> bool:
    return says(lexicon("payment_notes"), fold(note[:MAX_CHARACTERS]).text)
