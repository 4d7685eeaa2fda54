"""Photographs of rooms: which are asked for, how, and that nothing but a hash comes out. Never a person's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from manumit.connectors.listings.crawling.rooms import room_hash
from manumit.connectors.listings.crawling.structured import structured
from manumit.connectors.listings.register import register
from manumit.detectors.campaigns.rooms import MOST_BITS, ROOM_HASH
from manumit.schemas.errors import BadRecord, ConfigError
from tests.connectors.listings.crawling.site import DAY_US, Answer, Clock, Site, crawling, entry, serving

FLAT = "A flat of two rooms behind the old theatre, quiet, with a kitchen and a lift, from June."
JPEG = ("Content-Type", "image/jpeg")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def clock() -> Clock:
    return Clock()


def room(seed: int, size: tuple[int, int] = (960, 640)) -> Image.Image:
    """Walls and furniture of a made-up room: planes of one colour, and a little noise."""
    dice = np.random.default_rng(seed)
    picture = np.full((size[1], size[0], 3), 200.0)
    for _ in range(14):
        left, top = int(dice.integers(0, size[0] - 60)), int(dice.integers(0, size[1] - 60))
        wide, high = (int(value) for value in dice.integers(60, 400, 2))
        picture[top : top + high, left : left + wide] = dice.integers(0, 256, 3)
    return Image.fromarray(np.clip(picture + dice.normal(0, 4, picture.shape), 0, 255).astype(np.uint8))


def written(picture: Image.Image, form: str = "JPEG", **options: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def distance(one: str, other: str) -> int:
    return (int(one.partition(":")[2], 16) ^ int(other.partition(":")[2], 16)).bit_count()


def test_a_picture_written_anew_is_the_same_and_another_room_is_not() -> None:
    hashes = []
    for seed in range(12):
        picture = room(seed)
        first = room_hash(written(picture, quality=92))
        assert ROOM_HASH.fullmatch(first)
        small = picture.resize((640, 427))
        for again in (written(picture, quality=60), written(small, quality=80), written(picture, "PNG")):
            assert distance(first, room_hash(again)) <= MOST_BITS
        hashes.append(first)
    assert min(distance(one, other) for i, one in enumerate(hashes) for other in hashes[:i]) > 3 * MOST_BITS


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (written(room(1, (640, 960))), "no-advert"),
        (written(room(1, (640, 640))), "no-advert"),
        (written(room(1, (300, 190))), "no-advert"),
        (written(Image.new("RGB", (960, 640), (180, 180, 180))), "no-advert"),
        (written(Image.new("L", (8_000, 4_000), 90), "PNG"), "too-large"),
        (written(room(1))[:900], "no-advert"),
        (written(room(1), "BMP"), "no-advert"),
        (b"", "no-advert"),
        (b"<html>no picture</html>", "no-advert"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 400, "no-advert"),
    ],
    ids=["upright", "square", "small", "blank", "huge", "cut", "other-form", "empty", "html", "broken"],
)
def test_what_may_be_a_person_or_no_picture_is_refused(body: bytes, reason: str) -> None:
    with pytest.raises(BadRecord) as refused:
        room_hash(body)
    assert refused.value.reason == reason


def dwelling(photo: object, kind: str = "Apartment", key: str = "photo") -> dict[str, object]:
    return {"@type": kind, "name": "Flat", "description": FLAT, key: photo}


@pytest.mark.parametrize(
    ("page", "pictures"),
    [
        (dwelling("/p/1.jpg"), ("/p/1.jpg",)),
        (dwelling({"@type": "ImageObject", "contentUrl": "/p/1.jpg", "caption": "The kitchen"}), ("/p/1.jpg",)),
        (dwelling([f"/p/{i}.jpg" for i in range(9)]), ("/p/0.jpg", "/p/1.jpg")),
        (dwelling("https://hostel.example/p/1.jpg"), ("https://hostel.example/p/1.jpg",)),
        (dwelling("/p/1.jpg", key="image"), ()),
        (dwelling("/p/1.jpg", kind="JobPosting"), ()),
        (dwelling("/p/1.jpg", kind="Service"), ()),
        (dwelling("/avatars/1.jpg"), ()),
        (dwelling({"url": "/p/1.jpg", "caption": "Your host Ada"}), ()),
        (dwelling({"url": "/p/1.jpg", "about": {"name": "x"}}), ()),
        (dwelling({"url": "/p/1.jpg", "creator": {"@type": "Person", "name": "x"}}), ()),
        ({"@type": "Product", "name": "x", "seller": {"@type": "Person", "photo": "/p/1.jpg"}}, ()),
        (dwelling(7), ()),
    ],
)
def test_only_what_a_dwelling_declares_of_itself_is_asked_for(
    page: dict[str, object], pictures: tuple[str, ...]
) -> None:
    assert structured([page]).pictures == pictures


def flat(*photos: str) -> str:
    told = msgspec.json.encode(dwelling(list(photos))).decode()
    return f'<script type="application/ld+json">{told}</script>'


def test_a_crawl_hashes_rooms_where_the_register_says_so(site: Site, tmp_path: Path, clock: Clock) -> None:
    body = written(room(3))
    site.pages["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /private/\n")
    site.pages["/p/1.jpg"] = Answer(body, headers=(JPEG,))
    site.advert("/ads/1", "x", head=flat("/p/1.jpg", "http://169.254.169.254/p.jpg"))
    site.advert("/ads/2", "x", head=flat("/private/2.jpg", "/p/gone.jpg"))
    site.sitemap("/ads/1", "/ads/2")
    with crawling(site, tmp_path, clock, "/sitemap.xml", kind="rental", room_photos=True) as crawl:
        (first, second), letters = crawl.drain()
        assert (first.photos, second.photos, letters) == ((room_hash(body),), (), [])
        assert site.paths() == ["/robots.txt", "/sitemap.xml", "/ads/1", "/p/1.jpg", "/ads/2", "/p/gone.jpg"]
        asked = next(one for one in site.asked if one.path == "/p/1.jpg")
        assert asked.headers["User-Agent"] == "manumit (desk@board.example)"
        assert asked.headers["Accept"] == "image/jpeg, image/png, image/webp"
        clock.now_us += 2 * DAY_US
        assert crawl.drain() == ([], [])
        assert site.paths().count("/p/1.jpg") == 1
    assert body[200:260] not in b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("rules", [{"kind": "rental"}, {"kind": "job"}])
def test_without_the_registers_word_no_picture_is_asked_for(
    site: Site, tmp_path: Path, clock: Clock, rules: dict[str, str]
) -> None:
    site.advert("/ads/1", "x", head=flat("/p/1.jpg"))
    site.sitemap("/ads/1")
    with crawling(site, tmp_path, clock, "/sitemap.xml", **rules) as crawl:
        (only,), _ = crawl.drain()
        assert only.photos == ()
        assert "/p/1.jpg" not in site.paths()


def test_a_page_or_picture_that_asks_not_to_be_read_is_not(site: Site, tmp_path: Path, clock: Clock) -> None:
    body = written(room(3))
    site.pages["/p/1.jpg"] = Answer(body, headers=(JPEG, ("X-Robots-Tag", "noimageindex")))
    site.pages["/p/2.jpg"] = Answer(body, headers=(JPEG,))
    site.pages["/p/3.jpg"] = Answer(b"x" * (1 << 20), times=8, headers=(JPEG,))
    site.advert("/ads/1", "x", head=flat("/p/1.jpg"))
    site.advert("/ads/2", "x", head=f"<meta name='robots' content='noimageindex'>{flat('/p/2.jpg')}")
    site.advert("/ads/3", "x", head=flat("/p/3.jpg"))
    site.sitemap("/ads/1", "/ads/2", "/ads/3")
    with crawling(site, tmp_path, clock, "/sitemap.xml", kind="rental", room_photos=True) as crawl:
        listings, letters = crawl.drain()
        assert ([one.photos for one in listings], letters) == ([(), (), ()], [])
        assert "/p/1.jpg" in site.paths()
        assert "/p/2.jpg" not in site.paths()
        assert site.sent["/p/3.jpg"] < 8 << 20


def test_room_photographs_are_for_rentals_alone() -> None:
    with pytest.raises(ConfigError, match="rental"):
        register([entry("board.example", is_test=True, kind="escort", room_photos=True)])
