"""The few words of Markdown that the generated pages use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MARKS = str.maketrans({"<": "&lt;", "*": r"\*", "_": r"\_", "|": r"\|", "[": r"\[", "]": r"\]"})


def plain(text: str) -> str:
    """Text that must not be read as markup; what stands between backticks is code, and needs a bar escaped only."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick is left over: none of them marks code
        return text.translate(MARKS)
    return "`".join(part.replace("|", r"\|") if i % 2 else part.translate(MARKS) for i, part in enumerate(parts))


def code(text: str) -> str:
    """Text as it stands, in one line. Holds no backtick."""
    return f"`{text}`"


def link(text: str, url: str) -> str:
    return f"[{plain(text)}]({url})" if url else plain(text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are Markdown already; a bar inside code must be escaped by the caller."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def page(parts: Iterable[str]) -> str:
    """Parts with one empty line between them and one newline at the end."""
    return "\n\n".join(part for part in parts if part) + "\n"
