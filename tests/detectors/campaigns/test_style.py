"""The weak hint at one author: what is masked, what it takes, what is remembered, and that it alone never signals."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import authors
from bench.authors import authored, hints
from manumit.detectors.campaigns import manners
from manumit.detectors.campaigns.manners import Manner, Manners
from manumit.detectors.campaigns.style import FEWEST_OTHERS, Profile, pieces, profile, weights
from manumit.detectors.catalogue import detector
from manumit.detectors.stories import DAY, HOUR, advert
from manumit.schemas.listing import Listing
from manumit.streams.repetition import HINT, Known, Repetition

MADE = authored(2031, 40)


def test_what_a_text_is_about_is_masked() -> None:
    assert pieces("Hello the PARTY is 120, call!!\n\nbye \u2764") == [
        "Xx*", "the", "XX*", "is", "000", ",", "call", "!", "!", "\n\n", "bye", "\u2764"
    ]  # fmt: skip


def test_a_short_text_has_no_manner() -> None:
    assert profile("so it is, and so on. " * 3) is None
    assert profile("") is None


@given(st.text(max_size=3_000))
@settings(max_examples=60, deadline=None)
def test_any_text_is_read(text: str) -> None:
    made = profile(text)
    assert made is None or len(made.counts) == 512
    assert made == profile(text)


def test_without_others_nothing_is_usual() -> None:
    made = [found for text in MADE.texts if (found := profile(text))]
    assert not (weights(made[0], made[1:FEWEST_OTHERS]) > -1e9).any()
    assert weights(made[0], []).size == 0
    assert (weights(made[0], [made[0]] * FEWEST_OTHERS) > -1e9).all()


def test_the_hint_is_more_often_right_than_wrong_and_symmetric() -> None:
    precision, recall, _ = hints(MADE)
    assert precision >= authors.LEAST_PRECISION
    assert recall >= 0.2
    found = [one for text in MADE.texts[:30] if (one := profile(text))]
    there, back = weights(found[0], found[1:]), weights(found[1], [found[0], *found[2:]])
    assert there[0] == pytest.approx(back[0])


def test_the_bench_says_so(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authors, "AUTHORS", (30,))
    assert authors.main() == 0
    assert "least precision with habits" in capsys.readouterr().out
    monkeypatch.setattr(authors, "LEAST_PRECISION", 1.1)
    assert authors.main() == 1


def test_a_bounded_number_is_remembered_and_merges_move(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manners, "MOST_CAMPAIGNS", 3)
    known = Manners(100)
    for i in range(6):
        known.see(f"campaign:{i}", "en", lambda: MADE.texts[0], i)
    assert [name for name, _ in known.dump()] == ["campaign:3", "campaign:4", "campaign:5"]
    known.merge("campaign:9", "campaign:3")
    known.merge("campaign:4", "campaign:5")
    assert sorted(name for name, _ in known.dump()) == ["campaign:4", "campaign:9"]
    known.see("campaign:8", "en", lambda: "", 104)
    assert [name for name, _ in known.dump()] == ["campaign:8"]
    assert known.alike("campaign:8") == ()


def clean(listing: Listing) -> Listing:
    return msgspec.structs.replace(listing, language="xx")


def stream() -> list[Listing]:
    """Every made campaign in two copies, then each under three more contacts within a day."""
    texts = [(f"c{n}", text) for n, text in enumerate(MADE.texts)]
    rows = [
        clean(advert(f"{name}-{copy}", "escort", text, at=n * HOUR + copy, contact=f"{name}-{copy}"))
        for n, (name, text) in enumerate(texts)
        for copy in range(2)
    ]
    return [
        *rows,
        *(
            clean(advert(f"{name}-{copy}", "escort", text, at=5 * DAY + n * HOUR + copy, contact=f"{name}-{copy}"))
            for n, (name, text) in enumerate(texts)
            for copy in (2, 3, 4)
        ),
    ]


def test_hints_stand_in_signals_that_something_else_gave_whatever_the_batches_and_after_a_restart() -> None:
    rule = detector("li-same-author-cluster")
    values = {rule.about.id: rule.about.values()}
    rows = stream()
    whole = Repetition([rule], values).take(rows)
    hinted = [signal for signal in whole if any(span.startswith(HINT) for span in signal.spans)]
    assert hinted
    assert {signal.detector for signal in whole} == {"li-same-author-cluster"}
    in_parts, again = Repetition([rule], values), []
    for start in range(0, len(rows), 37):
        again += in_parts.take(rows[start : start + 37])
        restarted = Repetition([rule], values)
        restarted.load(in_parts.dump())
        in_parts = restarted
    assert again == whole


def test_state_without_manners_is_read() -> None:
    """A checkpoint of before they were kept."""
    assert next(field for field in msgspec.structs.fields(Known) if field.name == "manners").required is False
    assert msgspec.convert(["en", 1, None], Manner) == Manner("en", 1, None)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(Profile(b"a", 1)), type=Profile) == Profile(b"a", 1)
