"""Wording of children: the whole way from a file or feed to every table, dead letter, log line and snapshot.

All words are invented; the terms are hashed here, as an operator would.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from manumit.connectors.contract import Batch
from manumit.connectors.files.survey import open_files
from manumit.connectors.listings.feed import FeedState, read_answer
from manumit.connectors.listings.fetch import Fetched
from manumit.connectors.listings.register import SourceEntry
from manumit.connectors.rates import read_rates
from manumit.detectors.stories import START_US, advert, booked
from manumit.detectors.text.hashed_terms import NO_TERMS
from manumit.detectors.text.reading import read
from manumit.schemas.child_referral import ChildReferral
from manumit.schemas.errors import ConfigError
from manumit.schemas.listing import Listing
from manumit.schemas.wire import encode
from manumit.streams.checkpoint import Checkpoints
from manumit.streams.child_terms import read_child_terms, write_child_terms
from manumit.streams.protecting import DAY_US, Protection, reference_of, referrer
from manumit.streams.runner import Desk, Runner, Totals
from tests.streams.flow import NOW_US, Kept, Listed, batch_of, new_pipeline

TERMS = ("florbnik", "zarvel quop", "麦穗风铃")
SECRET = "wobblequux"  # noqa: S105 - stands in every text that must not be found anywhere
REFER = referrer(b"a key of the test alone, 32 bytes")


@pytest.fixture(scope="module")
def protection(tmp_path_factory: pytest.TempPathFactory) -> Protection:
    folder = tmp_path_factory.mktemp("terms")
    (folder / "terms.txt").write_text("# invented\n" + "\n".join(TERMS), "utf-8")
    assert write_child_terms(folder / "terms.txt", folder / "hashed") == len(TERMS)
    assert not any(term in (folder / "hashed").read_text() for term in TERMS)
    return Protection(refer=REFER, terms=read_child_terms(folder / "hashed"))


def ordinary(tag: str, at: int = 0) -> Listing:
    return advert(tag, "escort", "Evenings only, 200 USD, trust me. New in town.", at=at)


def held(tag: str, text: str, at: int = 1) -> Listing:
    return advert(tag, "escort", f"{text} {SECRET} call +1 202 555 0123", title=SECRET, poster=SECRET, at=at)


HELD = (
    held("h1", "16 years old"),
    held("h2", "florbnik"),
    held("h3", "ｆｌｏｒｂnik and zarvel\u200b quop"),
    held("h4", "只有麦穗风铃"),
    held("h5", "underage"),
    msgspec.structs.replace(held("h6", "zarvel-quop 20 USD"), kind="job"),
)


def ran(sources: Sequence[Listed], store: Kept, protection: Protection, folder: Path) -> Totals:
    desk = Desk(
        store=store,
        clock=lambda: NOW_US,
        read=lambda listing: read(listing, "contact:{}".format),
        protect=protection.screened,
        checkpoint_every_us=0,
        allowed_lateness_us=0,
    )
    runner = Runner(sources=sources, pipeline=new_pipeline(), desk=desk, checkpoints=Checkpoints(folder))
    return runner.run(threading.Event())


def everything(store: Kept, folder: Path) -> bytes:
    """All that a run left: every row of every table, and every byte of its checkpoints."""
    rows = b"\n".join(encode(row) for table in store.rows.values() for row in table)
    return rows + b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_nothing_is_left_but_a_counter(
    protection: Protection, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Beside ordinary adverts, one of them too late, in batches with checkpoints between."""
    late = (*HELD, held("late", "17 years old", at=-50))
    batches = [batch_of([ordinary(f"o{i}", at=i), *(late if i == 2 else ())]) for i in range(5)]
    store = Kept()
    with caplog.at_level(0):
        totals = ran([Listed(name="board", given=batches)], store, protection, tmp_path)
    left = everything(store, tmp_path)
    out = "".join(capfd.readouterr()) + caplog.text
    for word in (SECRET, *TERMS, "years old", "underage"):
        assert word.encode() not in left
        assert word not in out
    assert b"trust me" in left  # the others are there
    assert totals.events == 5
    assert {row.listing_id for row in store.rows["listings"] if isinstance(row, Listing)} == {f"o{i}" for i in range(5)}
    referrals = {row for row in store.rows["child_referrals"] if isinstance(row, ChildReferral)}
    assert referrals == {
        ChildReferral(reference=REFER(reference_of(row.source, row.listing_id)), day_us=row.at_us - row.at_us % DAY_US)
        for row in late
    }
    assert not store.dead_letters


def test_a_broken_line_of_a_file_is_no_way_round(protection: Protection, tmp_path: Path) -> None:
    """Dead letters keep what could not be read: not of these. Escapes do not hide the words."""
    wholes = [encode(row).decode() for row in (HELD[0], HELD[1], HELD[3])]
    broken = [whole.replace('"at_us":', '"at_us":-', 1) for whole in wholes]
    escaped = broken[2].replace("麦穗风铃", "\\u9ea6\\u7a57\\u98ce\\u94c3")
    other = encode(ordinary("x")).decode().replace('"at_us":', '"at_us":-', 1)
    path = tmp_path / "listings.ndjson"
    path.write_text("\n".join((encode(ordinary("o")).decode(), *broken, escaped, wholes[1][:-30], other)), "utf-8")
    store, state = Kept(), tmp_path / "state"
    desk = Desk(
        store=store,
        clock=lambda: NOW_US,
        read=lambda listing: read(listing, "contact:{}".format),
        protect=protection.screened,
    )
    sources = open_files(str(path), read_rates(()))
    Runner(sources=sources, pipeline=new_pipeline(), desk=desk, checkpoints=Checkpoints(state)).run(threading.Event())
    left = everything(store, state)
    assert SECRET.encode() not in left
    assert len(store.rows["child_referrals"]) == 5
    assert len(store.dead_letters) == 1  # the other broken line stays one


def test_a_feed_entry_that_cannot_be_dated_is_no_way_round(protection: Protection) -> None:
    entry = SourceEntry(host="x", name="board", kind="escort", legal_basis="b", terms="t", contact="c")
    body = f"""<rss><channel><item><guid>1</guid><title>{SECRET}</title><description>16 years old</description>
    <pubDate>never</pubDate></item></channel></rss>"""
    answer = Fetched(body=body.encode(), charset="", etag="", modified="")
    batch, state = read_answer(answer, body.encode(), "feed:http://x", entry, FeedState(), START_US)
    assert SECRET in batch.dead_letters[0].payload
    kept, referrals = protection.screened(batch)
    assert kept.dead_letters == ()
    assert len(referrals) == 1
    assert SECRET not in state.token()


def test_taking_such_an_advert_down_is_not_stored_either(protection: Protection) -> None:
    """In the same batch, or long after the store was told."""
    down = [msgspec.structs.replace(row, op=-1, title="", text="", revision=1, at_us=row.at_us + 1) for row in HELD[:1]]
    plain = msgspec.structs.replace(ordinary("o"), op=-1)
    kept, referrals = protection.screened(batch_of([HELD[0], *down, plain]))
    assert kept.listings == (plain,)
    assert len({row.reference for row in referrals}) == 1
    referred = {referrals[0].reference}
    later = replace(protection, known=referred.__contains__)
    assert later.screened(batch_of([*down, plain]))[0].listings == (plain,)
    assert protection.screened(batch_of(down))[0].listings == tuple(down)


def test_without_terms_plain_wording_still_goes_its_way() -> None:
    kept, referrals = Protection(refer=REFER, terms=NO_TERMS).screened(batch_of(HELD))
    assert [row.listing_id for row in kept.listings] == ["h2", "h3", "h4", "h6"]
    assert len(referrals) == 2


def test_a_note_loses_its_words_and_keeps_its_money(protection: Protection) -> None:
    paid = msgspec.structs.replace(booked("n", "deposit", 0.01, at=0), note=f"florbnik {SECRET}")
    plain = msgspec.structs.replace(booked("m", "deposit", 5, at=1), note="rent")
    kept, referrals = protection.screened(batch_of([paid, plain]))
    assert [(row.note, row.amount_usd) for row in kept.account_events] == [("", 0.01), ("rent", 5)]
    assert len(referrals) == 1


def test_a_batch_without_such_wording_is_the_same_batch(protection: Protection) -> None:
    batch: Batch = batch_of([ordinary("o")])
    assert protection.screened(batch) == (batch, ())


def test_the_hash_needs_the_key() -> None:
    assert REFER("a") != referrer(b"another key")("a")
    assert REFER("a") != REFER("b")
    assert len(REFER("a")) == 64


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "must begin with"),
        ("manumit hashed terms 1\nsalt 00\n", "must begin with"),
        ("manumit hashed terms 1\nsalt " + "00" * 16 + "\nflorbnik\n", "line 3"),
        ("manumit hashed terms 1\nsalt " + "00" * 16 + f"\n99 {'0' * 32} {'0' * 32}\n", "line 3"),
    ],
)
def test_a_damaged_list_is_refused(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "hashed"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match=wrong):
        read_child_terms(path)


def test_a_list_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hashed"
    path.write_text("")
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        read_child_terms(path)
    with pytest.raises(ConfigError, match="FileNotFoundError"):
        read_child_terms(tmp_path / "away")
