"""Characters that no reader sees: controls, lone surrogates, marks that turn the direction of what follows, and marks
without a width, which hide what a word is.

A screen shows text with such marks otherwise than it is read, so every text loses them at the door, in the same way
whatever brought it. Joiners stay inside the scripts and pictographs that are written with them.
"""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec

CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
WIDTHLESS = "\u00ad\u034f\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
LATIN = "\x00-\u024f"
JOINERS = rf"(?:(?<=[{LATIN}])|^)[\u200c\u200d]+|[\u200c\u200d]+(?=[{LATIN}]|$)|(?<=[\u200c\u200d])[\u200c\u200d]"
UNFIT = re.compile(f"[{CONTROLS}{TURNING}{WIDTHLESS}]|{JOINERS}")
NO_GAP = re.compile(f"[{TURNING}{WIDTHLESS}]|{JOINERS}")
CONTROL = re.compile(f"[{CONTROLS}]")
RETURN = re.compile(r"\r\n?")
Record = TypeVar("Record", bound=msgspec.Struct)


def fit(text: str) -> str:
    """Without them: what turns or has no width leaves no gap, so that it splits no word; a control becomes a blank."""
    if text.isprintable() and text.isascii():
        return text
    while UNFIT.search(text) is not None:  # what one mark stood beside may have been the next one's neighbour
        text = CONTROL.sub(" ", NO_GAP.sub("", RETURN.sub("\n", text)))
    return text


def fitted(record: Record) -> Record:
    """The record with every text of its own fit; the same one where all are."""
    changed = {}
    for name in record.__struct_fields__:
        value = getattr(record, name)
        if isinstance(value, str) and UNFIT.search(value) is not None:
            changed[name] = fit(value)
    return msgspec.structs.replace(record, **changed) if changed else record
