"""The position of a follower: bounded, exact, and refused when it is not one."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.chains.evm import Block
from manumit.connectors.chains.window import Window, window_at
from manumit.schemas.errors import ConfigError

CHAIN = "eip155:1"


def block(height: int) -> Block:
    fields = {"number": hex(height), "hash": f"0x{height:064x}", "parentHash": f"0x{height - 1:064x}"}
    return msgspec.convert({**fields, "timestamp": hex(12 * height), "transactions": []}, Block)


@given(start=st.integers(1, 1000), count=st.integers(0, 60), depth=st.integers(0, 20), cut=st.integers(0, 20))
def test_growing_cutting_and_writing(start: int, count: int, depth: int, cut: int) -> None:
    window = Window(chain=CHAIN, next_height=start)
    for height in range(start, start + count):
        window = window.grown(block(height), height - depth)
        assert len(window.kept) <= depth + 1
    assert window_at(window.position(), CHAIN) == window
    assert window.next_height == start + count
    keep = max(0, len(window.kept) - cut)
    if keep < len(window.kept):
        shorter = window.cut(keep)
        assert shorter.next_height == window.kept[keep].height
        assert shorter.final == window.final
        assert window_at(shorter.position(), CHAIN) == shorter


def test_final_never_falls() -> None:
    window = Window(chain=CHAIN, next_height=5).grown(block(5), 5).grown(block(6), 2)
    assert window.final == 5
    assert [kept.height for kept in window.kept] == [5, 6]


def test_blocks_are_found_by_height() -> None:
    window = Window(chain=CHAIN, next_height=5).grown(block(5), 0).grown(block(6), 0)
    heights = [found.height if found else None for found in map(window.at, (4, 5, 6, 7))]
    assert heights == [None, 5, 6, None]
    assert Window(chain=CHAIN, next_height=5).at(5) is None


@pytest.mark.parametrize(
    ("position", "message"),
    [
        ("", "unreadable"),
        ("17", "unreadable"),
        ('{"chain":"eip155:1","next_height":3,"kept":[[1,"../../etc",0]]}', "unreadable"),
        (Window(chain="eip155:56", next_height=3).position(), "is of eip155:56"),
        (
            msgspec.structs.replace(Window(chain=CHAIN, next_height=1).grown(block(1), 0), next_height=9).position(),
            "gap",
        ),
    ],
)
def test_what_is_no_position(position: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        window_at(position, CHAIN)
