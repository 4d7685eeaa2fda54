"""Everything the store knows of one identifier."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from manumit.console import advert_evidence, alerts, evidence, forms, suppressions
from manumit.console.access import record_access
from manumit.console.answers import answer, said
from manumit.console.desk import Desk, analyst
from manumit.detectors.text.reading import quiet_text
from manumit.schemas.triage import Suppression
from manumit.streams.veil import OF_MINORS, PLACE, subjects_of_minors

MAX_ALERTS = 200
MAX_TRANSFERS = 500
MAX_LISTINGS = 100

HEX = re.compile(r"0x[0-9a-fA-F]+")
ACCOUNT = re.compile(r"[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}:(?P<address>[-.%a-zA-Z0-9]{1,128})")

KNOWN = re.compile(
    r"0x[0-9a-f]+$|(?:contact|listing|account|customer|campaign|poster|cluster):|[-a-z0-9]{3,8}:[-\w]{1,32}:[A-Za-z0-9]"
)

IN_ALERTS = """(alert_id = {whole:String} OR subject = {whole:String} OR endsWith(subject, concat(':', {whole:String}))
  OR has(evidence, {whole:String}) OR arrayExists(e -> position(e, concat(':', {whole:String}, ':')) > 0, evidence))"""
IN_TRANSFERS = f"""((sender = {{address:String}} OR receiver = {{address:String}}) AND {{is_open:Bool}}
  OR tx_hash = {{tx:String}} AND concat(chain, ':', sender) NOT IN {PLACE}
  AND concat(chain, ':', receiver) NOT IN {PLACE})"""
IN_LISTINGS = """(has(wallets, {whole:String}) OR has(wallets, {address:String}) OR has(contacts, {whole:String})
  OR poster = {whole:String} OR listing_id = {listing:String}) AND {is_open:Bool}"""
IN_ACCOUNT_EVENTS = f"""(customer_id = {{last:String}} OR account_event_id = {{last:String}}
  OR counterparty IN ({{whole:String}}, {{address:String}}) AND {{is_open:Bool}}) AND NOT {OF_MINORS}"""


def identifier_of(text: str) -> str:
    """Trimmed, hexadecimal in lower case as the store keeps it. Raises 422 when nothing is left."""
    trimmed = text.strip()
    if not trimmed:
        raise HTTPException(422, "give an address, alert id, event id, transaction or customer id")
    return lowered(trimmed)


def lowered(identifier: str) -> str:
    return HEX.sub(lambda match: match[0].lower(), identifier)


def unsaid(identifier: str) -> str:
    """What the access record keeps of it: a contact or name somebody typed is masked there too."""
    return identifier if KNOWN.match(identifier) else quiet_text(identifier)


def terms(identifier: str) -> dict[str, Any]:
    """The identifier in the form each column keeps it: an account without its chain, an event id's own part."""
    account = ACCOUNT.fullmatch(identifier)
    parts = identifier.rsplit(":", 3)
    is_listing = identifier.startswith("listing:") and identifier.count(":") >= 3
    return {
        "whole": identifier,
        "address": account["address"] if account else identifier,
        "tx": parts[2] if len(parts) == 4 and not is_listing else identifier,
        "listing": identifier.split(":", 2)[2].rpartition(":")[0] if is_listing else identifier,
        "last": identifier.rpartition(":")[2],
    }


def search(desk: Desk, identifier: str) -> forms.Findings:
    """What is for restricted eyes is not in it, whoever asks: nothing of what a minor gave, no event of theirs."""
    store, wanted = desk.store, terms(identifier)
    wanted["is_open"] = not names_one(subjects_of_minors(store), wanted)
    found = alerts.matching(store, IN_ALERTS, wanted, limit=MAX_ALERTS)
    transfers = evidence.transfers_where(store, IN_TRANSFERS, wanted, limit=MAX_TRANSFERS)
    listings = evidence.listings_where(store, IN_LISTINGS, wanted, limit=MAX_LISTINGS)
    happenings = evidence.account_events_where(store, IN_ACCOUNT_EVENTS, wanted, limit=MAX_LISTINGS)
    subjects = {identifier, *(alert.subject for alert in found)}
    muting = [one for one in suppressions.kept(store) if wanted["is_open"] and concerns(one, subjects)]
    episodes = [episode for episode in suppressions.muted(store) if episode.subject in subjects]
    return forms.Findings(
        identifier=identifier,
        alerts=alerts.summaries(store, found),
        movements=tuple(evidence.movement(t, subject=_subject(t.chain, wanted), evidence=()) for t in transfers),
        adverts=tuple(advert_evidence.advert(listing) for listing in listings),
        happenings=tuple(evidence.happening(event) for event in happenings),
        suppressions=suppressions.views(muting, episodes, counted=desk.snapshot().suppressed, now_us=desk.clock()),
        suppressed=sum(alert.suppressed for alert in found),
        truncated=len(found) == MAX_ALERTS
        or len(transfers) == MAX_TRANSFERS
        or MAX_LISTINGS in (len(listings), len(happenings)),
    )


def names_one(minors: Collection[str], wanted: Mapping[str, Any]) -> bool:
    """Whether the identifier is one of these, with its kind, exchange or chain before it or without."""
    whole = wanted["whole"]
    meant = {whole} if whole.startswith("customer:") else {whole, wanted["address"]}
    known = (lowered(name) for name in minors if name)
    return any(name in meant or name.rpartition(":")[2] in meant for name in known)


def concerns(one: Suppression, subjects: set[str]) -> bool:
    """Whether a suppression names one of the subjects, with or without its chain."""
    return one.subject in subjects or any(subject.endswith(f":{one.subject}") for subject in subjects)


def _subject(chain: str, wanted: dict[str, Any]) -> str:
    return f"{chain}:{wanted['address']}"


def routes(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["search"])

    @router.get("/search", responses=said(forms.Findings))
    def find(request: Request, identifier: Annotated[str, Query(max_length=512)], purpose: str = "triage") -> Response:
        """An address, alert id, event id, transaction, contact token or customer id. Writes an access record first."""
        wanted = identifier_of(identifier)
        record_access(desk, author=analyst(request), subject=f"search:{unsaid(wanted)}", purpose=purpose)
        return answer(search(desk, wanted))

    return router
