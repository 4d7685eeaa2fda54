"""Characters that no reader sees: controls, lone surrogates, and marks that turn the direction of what follows.

A screen shows text with such marks otherwise than it is read, so none of them may be stored or shown.
"""

from __future__ import annotations

import re

CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
TURNING = "\u202a-\u202e\u2066-\u2069"
UNFIT = re.compile(f"[{CONTROLS}{TURNING}]")
TURNS = re.compile(f"[{TURNING}]")
RETURN = re.compile(r"\r\n?")


def fit(text: str) -> str:
    """Without them: what turns text leaves no gap, so that it splits no word; a control becomes a blank."""
    return text if UNFIT.search(text) is None else UNFIT.sub(" ", TURNS.sub("", RETURN.sub("\n", text)))
