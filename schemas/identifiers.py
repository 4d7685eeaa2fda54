"""What an id of a customer or event must not be, lest one become two, many become one, or a contact be kept. Pure."""

from __future__ import annotations

import re
import unicodedata

from manumit.schemas.placeholders import is_placeholder

INVISIBLE = ("Cf", "Cc", "Zl", "Zp", "Cn", "Co")  # categories of Unicode: zero width, marks of direction, controls
EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
PHONE = re.compile(r"\+[0-9][0-9 ().-]{6,24}", re.ASCII)


def id_fault(text: str) -> str:
    """A kind of damage (`connectors/exchange/damage.py`), or an empty text for a sound id.

    One plain space between two parts is let be: some systems number so. Digits alone are let be too, also where they
    could be a phone number: many systems count their customers; only a leading + tells.
    """
    if any(unicodedata.category(letter) in INVISIBLE for letter in text):
        return "id-invisible"
    if " ".join(text.split()) != text:
        return "id-spaces"
    if unicodedata.normalize("NFKC", text) != text:
        return "id-unicode"
    if EMAIL.fullmatch(text) or PHONE.fullmatch(text):
        return "id-contact"
    if is_placeholder(text) and not any(letter.isdigit() for letter in text):
        return "id-placeholder"
    return ""
