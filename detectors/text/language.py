"""The language of a text, by py3langid's naive Bayes model (BSD-3), loaded once with the package."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

MIN_CONFIDENCE = 0.5  # ours: below it a short text is anybody's guess
MAX_CHARACTERS = 2_000
NO_LANGUAGE = "zxx"  # ISO 639: no linguistic content


def language(text: str) -> str:
    """ISO 639-1 code, or "" when the text says too little."""
    shown = text[:MAX_CHARACTERS]
    if not any(c.isalpha() for c in shown):
        return ""
    name, confidence = _identifier().classify(shown.encode("utf-8", "replace"))
    return str(name) if confidence >= MIN_CONFIDENCE and name != NO_LANGUAGE else ""


@cache
def _identifier() -> LanguageIdentifier:
    """The model file of the installed package; about half a second, once in a process."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
