"""HTML to the text a reader would see. Pure. Scripts, styles and comments are not text."""

from __future__ import annotations

from html.parser import HTMLParser

LONGEST_HTML = 200_000
UNSEEN = frozenset(("script", "style", "template", "noscript", "iframe", "object", "svg"))
BREAKS = frozenset(("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "section", "article"))


class TextReader(HTMLParser):
    """Gathers text outside of UNSEEN elements; elements of BREAKS end a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tag = local(tag)
        if tag in UNSEEN:
            self.unseen += 1
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        tag = local(tag)
        if tag in UNSEEN and self.unseen:
            self.unseen -= 1
        elif tag in BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.parts.append(data)


def local(tag: str) -> str:
    """The tag without a namespace prefix."""
    return tag.rpartition(":")[2]


def plain_text(html: str) -> str:
    """Lines without empty ones; at most LONGEST_HTML letters of HTML are read."""
    reader = TextReader()
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    lines = ("".join(reader.parts)).splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)
