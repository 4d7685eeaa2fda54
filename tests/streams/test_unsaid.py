"""What a source register says for adverts that leave it unsaid, from a served feed to the tokens."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.register import read_register
from manumit.detectors.stories import advert
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import Listing
from manumit.schemas.settings import Settings
from manumit.streams.assembly import listing_reader
from tests.connectors.listings.crawling.site import NOW_US, Answer, serving

ENTRY = (
    '[[source]]\nhost = "{host}"\nname = "{name}"\nkind = "escort"\nlegal_basis = "invented"\nterms = "none"\n'
    'contact = "desk@board.example"\ntest_only_loopback = true\n{more}\n'
)
LINE = '{"id": "1", "title": "New", "content_text": "Ring 0131 496 0147 please. 150/h, $80"}'


def bare(text: str) -> Listing:
    """Without the contact that a story's advert has."""
    return msgspec.structs.replace(advert("x", "escort", text), contacts=())


def reader_settings(folder: Path, *entries: str) -> Settings:
    (folder / "sources.toml").write_text("".join(entries))
    return Settings(token_key_file=str(folder / "token.key"), source_register=str(folder / "sources.toml"))


def from_feed(folder: Path, more: str) -> Listing:
    with serving() as site:
        site.pages["/feed"] = Answer(LINE.encode())
        settings = reader_settings(folder, ENTRY.format(host=site.netloc, name="board", more=more))
        register = read_register(Path(settings.source_register))
        source = FeedSource(url=site.url("/feed"), register=register, now_us=lambda: NOW_US)
        (row,) = next(source.batches(None)).listings
    return listing_reader(settings)(row)


def test_national_numbers_and_money_of_a_feed(tmp_path: Path) -> None:
    told = from_feed(tmp_path, 'country = "GB"\ncurrency = "CAD"\nlanguage = "en"')
    untold = from_feed(tmp_path, "")
    whole = listing_reader(reader_settings(tmp_path))(bare("Ring +44 131 496 0147"))
    assert told.contacts == whole.contacts, "the same token as the number with its country code"
    assert untold.contacts != told.contacts
    assert [(p.amount, p.currency, p.per) for p in told.prices] == [("150", "CAD", "hour"), ("80", "CAD", "unknown")]
    assert [(p.amount, p.currency) for p in untold.prices] == [("80", "USD")]
    assert told.place == "", "where a site is, is not where its adverts' work is"


def test_a_drop_of_that_source_name_and_its_own_words_first(tmp_path: Path) -> None:
    read = listing_reader(
        reader_settings(tmp_path, ENTRY.format(host="b.example", name="board", more='country = "GB"\nlanguage = "sq"'))
    )
    plain = msgspec.structs.replace(bare("0131 496 0147"), source="board")
    (token,) = read(plain).contacts
    assert read(msgspec.structs.replace(plain, text="+44 131 496 0147")).contacts == (token,)
    assert read(plain).language == "sq"
    assert read(msgspec.structs.replace(plain, text="A quiet room near the station, ask for it")).language == "en"
    elsewhere = msgspec.structs.replace(plain, text="(202) 555-0147", place="US-NY")
    assert read(elsewhere).contacts == read(msgspec.structs.replace(plain, text="+1 202 555 0147")).contacts
    assert token not in read(msgspec.structs.replace(plain, source="other")).contacts


@pytest.mark.parametrize("more", ['country = "gb"', 'country = "GBR"', 'currency = "$"', 'language = "English"'])
def test_codes_are_checked(tmp_path: Path, more: str) -> None:
    with pytest.raises(ConfigError, match=more.split()[0]):
        listing_reader(reader_settings(tmp_path, ENTRY.format(host="b.example", name="board", more=more)))


def test_two_hosts_of_one_name_say_the_same(tmp_path: Path) -> None:
    one, two = (ENTRY.format(host=f"{x}.example", name="board", more=f'country = "{x}"') for x in ("GB", "US"))
    with pytest.raises(ConfigError, match="differ"):
        listing_reader(reader_settings(tmp_path, one, two))
