"""Templates: what stays, what varies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manumit.detectors.campaigns.templates import Part, template


def test_constants_and_slots() -> None:
    found = template(
        ["Sweet Poppy is here, call 1 now", "sweet IRIS is here, call 22 now", "Sweet is here, call 3 now"]
    )
    assert found == (
        Part(constant="Sweet"),
        Part(constant="", values=("Poppy", "IRIS", "")),
        Part(constant="is here, call"),
        Part(constant="", values=("1", "22", "3")),
        Part(constant="now"),
    )


def test_scripts_without_spaces() -> None:
    assert template(["高薪招聘客服小红联系", "高薪招聘客服阿明明联系"]) == (
        Part(constant="高薪招聘客服"),
        Part(constant="", values=("小红", "阿明明")),
        Part(constant="联系"),
    )


def test_nothing_and_nothing_in_common() -> None:
    assert template([]) == ()
    assert template(["a b", "c"]) == (Part(constant="", values=("a b", "c")),)


@given(st.lists(st.text("ab cก高", max_size=12), min_size=1, max_size=4))
def test_every_copy_can_be_put_together_again(texts: list[str]) -> None:
    parts = template(texts)
    for i, text in enumerate(texts):
        again = "".join(part.constant or part.values[i] for part in parts)
        assert again.replace(" ", "") == text.replace(" ", "")
