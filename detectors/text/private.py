"""What tells who or where a person is, beside contacts: names that are introduced, exact addresses, coordinates.

Found only to be masked. Names that nothing introduces are not found.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from manumit.detectors.text.contacts import Contact
from manumit.detectors.text.names import names, posters
from manumit.detectors.text.normalise import Folded
from manumit.detectors.text.streets import addresses


def private(text: str, folded: Folded, poster: str = "") -> Iterator[Contact]:
    """Spans of kind `address` and `name` in the original text, maybe overlapping; `poster` wherever it stands.

    `folded` is `fold(text)`.
    """
    for kind, start, stop in chain(addresses(text, folded), names(text, folded), posters(folded.text, poster)):
        yield Contact(f"{kind}:", *folded.origin(start, stop))
