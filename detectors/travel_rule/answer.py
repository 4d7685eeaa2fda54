"""A message as it came, judged and put into words with the text that asks. Pure: `now_us` comes from the caller."""

from __future__ import annotations

from manumit.detectors.travel_rule.finding import Gap
from manumit.detectors.travel_rule.judgement import Judgement, Situation, judge
from manumit.schemas.customer_check import Cited
from manumit.schemas.errors import BadRecord
from manumit.schemas.jurisdiction import Jurisdiction, Source, jurisdictions
from manumit.schemas.standards.ivms101.reading import Reading, read
from manumit.schemas.travel_rule import MessageTransfer, Status, TravelRuleCheck, TravelRuleGap, TravelRuleNote

NOTHING = frozenset((b"", b"null"))
STANDARD = Cited(
    name="interVASP Messaging Standard",
    ref="IVMS101",
    section="",
    url="https://www.intervasp.org/",
    dated="2020",
    verification="secondary-summary",
)


def answered(raw: bytes, transfer: MessageTransfer | None, now_us: int) -> TravelRuleCheck:
    """`raw` is JSON; empty or `null`: no message came. What cannot be read is answered as `unusable`."""
    try:
        reading = None if raw.strip() in NOTHING else read(raw)
    except BadRecord as error:
        return unusable(str(error), transfer)
    return _told(judge(reading, _situation(transfer, now_us)), reading, transfer)


def unusable(why: str, transfer: MessageTransfer | None = None) -> TravelRuleCheck:
    return TravelRuleCheck(status="unusable", why=why, profile=transfer.profile if transfer else "")


def _situation(transfer: MessageTransfer | None, now_us: int) -> Situation | None:
    if transfer is None:
        return None
    own = transfer.amount is not None  # by a rate and back an amount may miss a level it stands exactly on
    return Situation(
        profile=jurisdictions()[transfer.profile],
        amount_usd=transfer.amount if own else transfer.amount_usd,
        usd_per_unit=1.0 if own else transfer.rate,
        at_us=now_us if transfer.at_us is None else transfer.at_us,
        counterparty=transfer.counterparty,
        outgoing=transfer.direction == "out",
        attested=transfer.attested,
    )


def _told(judged: Judgement, reading: Reading | None, transfer: MessageTransfer | None) -> TravelRuleCheck:
    profile = jurisdictions()[transfer.profile] if transfer else None
    return TravelRuleCheck(
        status=_status(judged, reading),
        form=judged.form or "",
        profile=profile.id if profile else "",
        due=judged.due,
        worth_known=transfer is not None and transfer.is_worth_known,
        gaps=tuple(_lack(gap, profile) for gap in judged.gaps),
        remarks=tuple(TravelRuleNote(field=remark.path, why=remark.why) for remark in judged.remarks),
    )


def _status(judged: Judgement, reading: Reading | None) -> Status:
    """A wallet may be unattested where no data had to travel: that is a gap as well."""
    if judged.due and reading is None:
        return "absent"
    if judged.gaps:
        return "gaps"
    return "complete" if judged.due else "not-due"


def _lack(gap: Gap, profile: Jurisdiction | None) -> TravelRuleGap:
    return TravelRuleGap(
        field=gap.path,
        party=gap.party,
        kind=gap.kind,
        why=gap.why,
        remedy=gap.remedy,
        rule=gap.rule,
        cited=_cited(gap.rule, profile),
    )


def _cited(rule: str, profile: Jurisdiction | None) -> Cited:
    for source in profile.sources if profile else ():
        if rule.startswith(f"{source.ref}, "):
            return _source(source, rule.removeprefix(f"{source.ref}, "))
    if rule.startswith("FATF "):
        return _source(jurisdictions()["fatf"].cited("fatf-inr15"), rule.removeprefix("FATF "))
    return Cited(
        name=STANDARD.name,
        ref=STANDARD.ref,
        section=rule.removeprefix(STANDARD.ref).strip(" :."),
        url=STANDARD.url,
        dated=STANDARD.dated,
        verification=STANDARD.verification,
    )


def _source(source: Source, section: str) -> Cited:
    return Cited(
        name=source.name,
        ref=source.ref,
        section=section,
        url=source.url,
        dated=source.dated,
        verification=source.verification,
    )
