"""Payment notes searched for terms: masks over rows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from manumit.detectors.text.lexicon import Lexicon, lexicon
from manumit.detectors.text.normalise import fold

MAX_CHARACTERS = 500  # ours: notes are short; a longer one is read so far


def noted(notes: Sequence[str], says: Callable[[Lexicon, str], bool]) -> npt.NDArray[np.bool_]:
    """bool[n]: what `says` finds in the folded note. Equal notes are read once."""
    words = lexicon("payment_notes")
    answers: dict[str, bool] = {"": False}
    for note in notes:
        if note not in answers:
            answers[note] = says(words, fold(note[:MAX_CHARACTERS]).text)
    return np.array([answers[note] for note in notes], np.bool_)
