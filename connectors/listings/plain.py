"""HTML to the text a reader would see. Pure. Scripts, styles and comments are not text.

libxml2 reads the HTML: Python's own parser takes quadratic time on text such as `<a <a <a`.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree, html

from manumit.schemas.unfit import fit

LONGEST_HTML = 200_000
UNSEEN = ("script", "style", "template", "noscript", "iframe", "object", "svg", "head", "select", "textarea")
BREAKS = frozenset(("br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "section", "article", "dt", "dd", "td"))
PREFIX = re.compile(r"(</?)[A-Za-z]{1,20}:(?=[A-Za-z])")  # `html:p`, as XHTML inside of a feed is written
# libxml2 takes quadratic time for many attributes; the text needs none
TAG = re.compile(
    r"<(/?[A-Za-z][A-Za-z0-9:_-]{0,40})"
    r"(?:[^<>=]++|=\s{0,5}\"[^\"<]{0,2000}\"|=\s{0,5}'[^'<]{0,2000}'|=)*+>?"
)
PARSER_OPTIONS: dict[str, Any] = {"no_network": True, "remove_comments": True, "remove_pis": True, "huge_tree": False}


def plain_text(source: str) -> str:
    """Lines without empty ones; at most LONGEST_HTML letters of HTML are read."""
    if "<" not in source and "&" not in source:
        return lines_of(source[:LONGEST_HTML])
    fit = TAG.sub(r"<\1>", PREFIX.sub(r"\1", source[:LONGEST_HTML])).encode("utf-8", "replace").replace(b"\0", b"")
    try:
        tree = html.document_fromstring(
            b"<html><body>" + fit, parser=html.HTMLParser(encoding="utf-8", **PARSER_OPTIONS)
        )
    except etree.LxmlError:
        return ""
    return tree_text(tree)


def tree_text(tree: Any) -> str:
    """The text of an element that may be changed: unseen elements leave it."""
    etree.strip_elements(tree, *UNSEEN, with_tail=False)
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if element.tag in BREAKS:
            pieces.append("\n")
        pieces.append((element.text if event == "start" else element.tail) or "")
    return lines_of("".join(pieces))


def lines_of(text: str) -> str:
    """Without characters that show nothing or turn the text round; blanks folded, empty lines gone."""
    lines = (" ".join(line.split()) for line in fit(text).split("\n"))
    return "\n".join(line for line in lines if line)
