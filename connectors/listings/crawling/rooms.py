"""A photograph of a room to a hash, in the crawl's own process. The picture is never written and is dropped at once.

Whether it shows a room is not guessed from what is in it: only what an advert of a dwelling itself declares as a
photograph of the dwelling is asked for (`structured.pictures_of`), and a picture in the shape of a portrait or an
avatar is refused. Method: 256 signs of a discrete cosine transform about their median (C. Zauner, Implementation and
benchmarking of perceptual image hash functions, 2010; PDQ does the same), by the library ImageHash: on walls of one
colour, which rooms have, a difference hash turns with the noise.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from imagehash import phash
from PIL import Image

from manumit.schemas.errors import BadRecord

FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPES = ("image/jpeg", "image/png", "image/webp")
LEAST_WIDTH, LEAST_HEIGHT = 320, 200  # smaller ones are avatars and buttons
MOST_PIXELS = 24_000_000
WIDE = 1.15  # as wide as it is high, or higher: as people are photographed, so refused
SIDE = 16
DECODED = 256  # pixels a side that a JPEG needs to be decoded to
LEAST_CONTRAST = 12.0  # standard deviation of grey, of 255: a wall alone is everybody's
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, Image.DecompressionBombError)


def room_hash(body: bytes) -> str:
    """`phash:` and 64 hexadecimal digits. Raises BadRecord("no-advert") for what may not, or cannot, be hashed."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(body), formats=FORMATS) as picture:
            warnings.simplefilter("ignore")
            _check_shape(*picture.size)
            picture.draft("L", (DECODED, DECODED))
            grey = picture.convert("L").resize((DECODED, DECODED))
    except UNREADABLE as error:
        raise BadRecord("no-advert", f"no picture that can be read ({type(error).__name__})") from None
    if float(np.asarray(grey).std()) < LEAST_CONTRAST:
        raise BadRecord("no-advert", "a picture of hardly anything")
    return f"phash:{phash(grey, hash_size=SIDE)}"


def _check_shape(width: int, height: int) -> None:
    if width < LEAST_WIDTH or height < LEAST_HEIGHT:
        raise BadRecord("no-advert", "a small picture: it may be somebody's avatar")
    if width < WIDE * height:
        raise BadRecord("no-advert", "an upright or square picture: it may be somebody's portrait")
    if width * height > MOST_PIXELS:
        raise BadRecord("too-large", f"a picture of {width} x {height} pixels")


def load_pictures() -> None:
    """Loads what hashing needs, before the process is locked and anybody's time is counted."""
    ramp = np.tile(np.arange(400, dtype=np.uint8), (300, 1))
    for form in FORMATS:
        out = io.BytesIO()
        Image.fromarray(ramp).save(out, form)
        room_hash(out.getvalue())
