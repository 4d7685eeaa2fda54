"""The page docs/detectors.md, made from the detectors."""

from __future__ import annotations

from collections.abc import Iterator

from manumit.detectors.catalogue import detectors
from manumit.detectors.contract import Detector
from manumit.schemas.markdown import code, page, plain, table

HEAD = """# Detectors

This page is generated from `detectors/` by `scripts/pages`; edit the detectors, not the page.

Each rests on entries of the [red-flag catalogue](redflags.md). A threshold marked `ours` is a start value to
calibrate, never an authority; change it in the settings under `thresholds`. `trial` detectors alert too, but
have not yet shown that they keep within an alert budget on quiet traffic."""


def detector_page() -> str:
    """The whole page as Markdown."""
    return page([HEAD, *(part for one in detectors() for part in _section(one))])


def _section(one: Detector) -> Iterator[str]:
    about = one.about
    yield f"## {about.id}"
    yield plain(about.title) + "."
    yield (
        f"{type(one).__name__}, version {about.version}, {about.status}, severity {about.severity}; rests on "
        f"{', '.join(code(entry) for entry in about.entries)}; reads {', '.join(about.needs)}; an episode is an alert "
        f"from {about.min_events} distinct event{'s' if about.min_events > 1 else ''} on and closes after "
        f"{about.quiet_gap} of quiet."
    )
    if about.thresholds:
        rows = ((code(t.name), f"{t.value:g}", plain(t.unit), plain(t.origin)) for t in about.thresholds)
        yield table(("Threshold", "Value", "Unit", "Origin"), rows)
    yield "\n".join(
        [
            *(f"- Innocent: {plain(text)}" for text in about.innocent),
            *(f"- Blind to: {plain(text)}" for text in about.blind_to),
            *(f"- Next: {plain(text)}" for text in about.next_steps),
        ]
    )
