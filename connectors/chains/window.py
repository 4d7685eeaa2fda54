"""What a follower remembers between batches: the blocks that can still be taken back. Pure; it is the position."""

from __future__ import annotations

from typing import Annotated

import msgspec

from manumit.connectors.chains.reading import Header
from manumit.schemas.errors import ConfigError

BlockHash = Annotated[str, msgspec.Meta(pattern=r"\A(0x)?[0-9a-f]{64}\Z")]


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """One block of the window."""

    height: Annotated[int, msgspec.Meta(ge=0)]
    hash: BlockHash
    at_us: int


class Window(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Blocks read, oldest first, without a gap, and `next_height`, the one to read now.

    Blocks up to `final` can no longer be taken back; the oldest kept block stands at `final` and is the
    anchor the rest hangs on, or it is where following began. About 100 bytes a block as JSON.
    """

    chain: str
    next_height: int
    final: int = -1
    kept: tuple[Kept, ...] = ()

    @property
    def tip(self) -> Kept | None:
        return self.kept[-1] if self.kept else None

    def at(self, height: int) -> Kept | None:
        index = height - self.kept[0].height if self.kept else -1
        return self.kept[index] if 0 <= index < len(self.kept) else None

    def grown(self, block: Header, final: int) -> Window:
        """With `block` on top, and blocks up to `final` (never lower than before) settled."""
        kept = (*self.kept, Kept(block.height, block.hash, block.at_us))
        settled = max(self.final, min(final, block.height))
        return Window(
            chain=self.chain,
            next_height=block.height + 1,
            final=settled,
            kept=tuple(k for k in kept if k.height >= settled),
        )

    def cut(self, keep: int) -> Window:
        """Without the blocks above the oldest `keep`."""
        return msgspec.structs.replace(self, next_height=self.kept[keep].height, kept=self.kept[:keep])

    def position(self) -> str:
        return msgspec.json.encode(self).decode()


def window_at(position: str, chain: str) -> Window:
    """The window a position was written from. Raises ConfigError when it is not one, or of another chain."""
    try:
        window = msgspec.json.decode(position, type=Window)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"the saved position of {chain} is unreadable ({error}); remove it to start anew") from error
    heights = [kept.height for kept in window.kept]
    if heights and heights != list(range(heights[0], window.next_height)):
        raise ConfigError(f"the saved position of {chain} has a gap; remove it to start anew")
    if window.chain != chain:
        raise ConfigError(f"the saved position is of {window.chain}, the settings say {chain}")
    return window
