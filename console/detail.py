"""One alert whole: its words, its numbers and the events behind it."""

from __future__ import annotations

from collections.abc import Mapping

from manumit.connectors.contract import Store
from manumit.console import advert_evidence, alerts, evidence, forms
from manumit.schemas.alert import Alert
from manumit.schemas.transfer import Transfer
from manumit.schemas.triage import TriageAction

BEFORE_US = 7 * 86_400 * 1_000_000
AFTER_US = 86_400 * 1_000_000
MAX_AROUND = 400
AROUND = """chain = {chain:String} AND (sender = {address:String} OR receiver = {address:String})
AND at_us >= fromUnixTimestamp64Micro({from_us:Int64}, 'UTC')
AND at_us <= fromUnixTimestamp64Micro({until_us:Int64}, 'UTC')"""


def find(store: Store, alert_id: str, *, restricted: bool = False) -> Alert | None:
    """The newest revision of an alert; `restricted` finds those about minors alone."""
    found = alerts.matching(store, "alert_id = {id:String}", {"id": alert_id}, limit=1, restricted=restricted)
    return found[0] if found else None


def detail(store: Store, alert: Alert) -> forms.AlertDetail:
    found = evidence.resolve(store, alert.evidence)
    transfers = {t.event_id: t for t in (*around(store, alert), *found.transfers)}
    ordered = sorted(transfers.values(), key=lambda t: (t.at_us, t.block_height, t.position))
    log = alerts.decisions(store, [alert.alert_id])
    return forms.AlertDetail(
        summary=alerts.summary(alert, log[-1] if log else None),
        entry=alert.entry,
        roles=alert.roles,
        withdrawn_reason=alert.withdrawn_reason,
        disclosable=alert.disclosable,
        comparisons=comparisons(_with_score(alert), alert.thresholds),
        citations=alert.citations,
        key_terms=alert.key_terms,
        label_sources=alert.label_sources,
        spans=alert.spans,
        next_steps=alert.next_steps,
        innocent=alert.innocent,
        expected_chance_matches=alert.expected_chance_matches,
        movements=tuple(evidence.movement(t, subject=alert.subject, evidence=alert.evidence) for t in ordered),
        adverts=tuple(advert_evidence.advert(listing) for listing in found.listings),
        template=advert_evidence.campaign_template(alert.subject, found.listings),
        happenings=tuple(evidence.happening(event) for event in found.account_events),
        missing=found.missing,
        decisions=tuple(decision(action) for action in log),
    )


def around(store: Store, alert: Alert) -> tuple[Transfer, ...]:
    """The subject's own transfers from a week before the episode to a day after it, newest MAX_AROUND."""
    chain, _, address = alert.subject.rpartition(":")
    if not chain or alert.subject.startswith(("customer:", "contact:", "listing:")):
        return ()
    window = {"from_us": max(0, alert.opened_us - BEFORE_US), "until_us": alert.last_us + AFTER_US}
    parameters = {"chain": chain, "address": address, **window}
    return evidence.transfers_where(store, AROUND, parameters, limit=MAX_AROUND)


def comparisons(values: Mapping[str, float], thresholds: Mapping[str, float]) -> tuple[forms.Comparison, ...]:
    """Values beside thresholds: the same name first, else `senders` beside `min_senders` or `max_senders`."""
    pairs = {name: _partner(name, values) for name in thresholds}
    rows = [
        forms.Comparison(name=name, value=None if partner is None else values[partner], threshold=thresholds[name])
        for name, partner in pairs.items()
    ]
    alone = [name for name in values if name not in pairs.values()]
    rows += [forms.Comparison(name=name, value=values[name], threshold=None) for name in alone]
    return tuple(rows)


def _with_score(alert: Alert) -> Mapping[str, float]:
    """What a model gave stands beside its threshold: the score is no feature and not among the values."""
    return {"score": alert.score, **alert.values} if "min_score" in alert.thresholds else alert.values


def _partner(threshold: str, values: Mapping[str, float]) -> str | None:
    stem = threshold.removeprefix("min_").removeprefix("max_")
    return next((name for name in (threshold, stem) if name in values), None)


def decision(action: TriageAction) -> forms.Decision:
    return forms.Decision(
        action_id=action.action_id,
        at_us=action.at_us,
        author=action.author,
        state=action.state,
        reason=action.reason,
    )
