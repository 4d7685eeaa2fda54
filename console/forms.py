"""What /v1 says and takes, as JSON. The OpenAPI document is generated from these shapes.
Times are UTC microseconds; exact amounts are decimal text, because a browser's numbers lose digits above 2^53.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from manumit.console.advert_forms import Advert, CampaignTemplate
from manumit.schemas.alert import AlertState, CitationRef, Severity
from manumit.schemas.fields import YEAR_2200_US
from manumit.schemas.triage import TriageState

Reason = Annotated[str, msgspec.Meta(max_length=2_000)]
Subject = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every body that comes in: an unknown field is refused, never ignored."""


class Problem(Form, frozen=True, kw_only=True):
    """RFC 9457 problem details."""

    title: str
    status: int
    detail: str


class Decision(Form, frozen=True, kw_only=True):
    """One triage action, as the log keeps it."""

    action_id: str
    at_us: int
    author: str
    state: TriageState
    reason: str


class AlertSummary(Form, frozen=True, kw_only=True):
    """One line of the list. `changed_since` is true when evidence arrived after the last human action."""

    alert_id: str
    revision: int
    detector: str
    version: int
    title: str
    reason: str
    domain: str
    typology: str
    severity: Severity
    score: float
    subject: str
    state: AlertState
    opened_us: int
    last_us: int
    stored_us: int
    signals: int
    suppressed: int
    human_state: TriageState
    human_author: str
    changed_since: bool


class AlertPage(Form, frozen=True, kw_only=True):
    """Newest first. `next` is the cursor of the following page (null at the end); `live` starts the stream."""

    alerts: tuple[AlertSummary, ...]
    next: str | None
    live: str


class News(Form, frozen=True, kw_only=True):
    """Alerts that arrived, changed or were decided on, and ids that no longer pass the filter. Oldest first."""

    alerts: tuple[AlertSummary, ...]
    gone: tuple[str, ...]


class Behind(Form, frozen=True, kw_only=True):
    """Too much arrived at once to tell one by one: read the list again. `unread` leaves hidden muted ones out."""

    unread: int


class Facet(Form, frozen=True, kw_only=True):
    """A value of a column and how many alerts carry it."""

    value: str
    alerts: int


class Facets(Form, frozen=True, kw_only=True):
    """What there is to filter by. `muted` alerts are counted elsewhere when asked to; `restricted` are only counted."""

    total: int
    muted: int
    restricted: int
    detector: tuple[Facet, ...]
    severity: tuple[Facet, ...]
    state: tuple[Facet, ...]
    typology: tuple[Facet, ...]
    human: tuple[Facet, ...]


class Movement(Form, frozen=True, kw_only=True):
    """A transfer as evidence. `direction` is seen from the subject: in, out, or other when it is neither side."""

    event_id: str
    chain: str
    block_height: int
    block_hash: str
    tx_hash: str
    at_us: int
    sender: str
    receiver: str
    direction: str
    counterparty: str
    asset: str
    amount: str
    amount_usd: float | None
    taken_back: bool
    finality: str
    is_evidence: bool


class Happening(Form, frozen=True, kw_only=True):
    """A customer's account event as evidence."""

    event_id: str
    customer_id: str
    at_us: int
    kind: str
    channel: str
    counterparty: str
    amount_usd: float | None
    note: str


class Comparison(Form, frozen=True, kw_only=True):
    """A threshold in force beside the value it was compared with; null where one side has no partner."""

    name: str
    value: float | None
    threshold: float | None


class AlertDetail(Form, frozen=True, kw_only=True):
    """One alert whole. `missing` are event ids the store no longer (or not yet) holds.

    `template` is null unless the alert is about a campaign and the store keeps the text of two copies or more.
    """

    summary: AlertSummary
    entry: str
    roles: dict[str, str]
    withdrawn_reason: str
    disclosable: str
    comparisons: tuple[Comparison, ...]
    citations: tuple[CitationRef, ...]
    key_terms: dict[str, str]
    label_sources: tuple[str, ...]
    spans: tuple[str, ...]
    next_steps: tuple[str, ...]
    innocent: tuple[str, ...]
    expected_chance_matches: float
    movements: tuple[Movement, ...]
    adverts: tuple[Advert, ...]
    template: CampaignTemplate | None
    happenings: tuple[Happening, ...]
    missing: tuple[str, ...]
    decisions: tuple[Decision, ...]


class TriageRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dismissal needs a reason."""

    state: TriageState
    reason: Reason = ""


class SuppressionRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mute `detector` on `subject` (`*`: any, but not both) for event times in [from_us, until_us)."""

    detector: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] = "*"
    subject: Subject = "*"
    reason: Reason
    from_us: Annotated[int, msgspec.Meta(ge=0, le=YEAR_2200_US)] = 0
    until_us: Annotated[int, msgspec.Meta(ge=0, le=YEAR_2200_US)] = YEAR_2200_US


class EndRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a suppression ends."""

    reason: Reason


class SuppressionView(Form, frozen=True, kw_only=True):
    """Who muted what, why, until when, and how many signals it has swallowed."""

    suppression_id: str
    detector: str
    subject: str
    author: str
    reason: str
    from_us: int
    until_us: int
    is_active: bool
    suppressed: int


class SuppressionList(Form, frozen=True, kw_only=True):
    suppressions: tuple[SuppressionView, ...]
    suppressed: int


class LetterView(Form, frozen=True, kw_only=True):
    """A refused record without its payload. `at_us` is null where no event time is known."""

    letter_id: str
    source: str
    place: str
    reason: str
    message: str
    at_us: int | None


class LetterDetail(Form, frozen=True, kw_only=True):
    """`payload` is the record as it came: untrusted, show it as text only."""

    letter: LetterView
    meaning: str
    payload: str


class LetterCount(Form, frozen=True, kw_only=True):
    """How many records were refused for one reason; `meaning` explains the word."""

    reason: str
    meaning: str
    records: int


class LetterPage(Form, frozen=True, kw_only=True):
    counts: tuple[LetterCount, ...]
    letters: tuple[LetterView, ...]
    next: str | None


class Findings(Form, frozen=True, kw_only=True):
    """Everything the store knows of one identifier; `truncated` is true when a list was cut."""

    identifier: str
    alerts: tuple[AlertSummary, ...]
    movements: tuple[Movement, ...]
    adverts: tuple[Advert, ...]
    happenings: tuple[Happening, ...]
    suppressions: tuple[SuppressionView, ...]
    suppressed: int
    truncated: bool


class AnalystRequest(Request, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Analyst(Form, frozen=True, kw_only=True):
    name: str


class AwaySource(Form, frozen=True, kw_only=True):
    source: str
    since_us: int
    why: str


class Health(Form, frozen=True, kw_only=True):
    """`away`: live sources that do not answer; `progress`: the running pipeline's words, empty when elsewhere."""

    status: str
    progress: dict[str, int] = {}
    away: tuple[AwaySource, ...] = ()
