"""A customer judged before they are one: a snapshot and events given in a request, kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from manumit.detectors.customers.names import identifiers
from manumit.detectors.wording import reason
from manumit.schemas.account_event import AccountEvent
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.customer_check import CustomerCheck
from manumit.schemas.redflag import catalogue, citations
from manumit.schemas.signal import Signal
from manumit.schemas.subject import customer_subject
from manumit.streams.customer_book import CONTROL, PROTECTION, CustomerBook
from manumit.streams.customer_check import Around, Screen, answer, around, latest_each, sharing
from manumit.streams.judging import Judges
from manumit.streams.rule_pack import Configured

MOST_NEIGHBOURS = 64
NOTHING = Around(own=[], control=[], others=[], links=[])


class Trial:
    """Customer rules over what is given and the latest snapshots of those who share identifiers with it."""

    def __init__(self, configured: Configured) -> None:
        self._judges: Judges = configured.judges()

    def check(
        self,
        book: CustomerBook,
        one: Customer,
        events: Sequence[AccountEvent],
        *,
        screen: Screen,
        at_us: int,
        restricted: bool = False,
    ) -> CustomerCheck:
        subject = customer_subject(one.exchange, one.customer_id)
        with book.lock:
            child = one.is_minor or book.is_of_minor(subject)
            known = NOTHING if child and not restricted else around(book, subject, one, restricted=restricted)
            shared = sharing(book, subject, one)
            neighbours = self._neighbours(book, subject, one)
            sizes = book.customers, book.alerts
        judge = self._judges.customers()
        records = sorted([*neighbours, one], key=lambda snapshot: snapshot.at_us)
        signals = judge.take(records, sorted(events, key=lambda event: event.at_us))
        names = {subject, *identifiers(one)}
        latest = {(signal.detector, signal.subject): signal for signal in signals if signal.subject in names}
        fresh = [self._alert(signal) for signal in latest.values()]
        seen = [alert for alert in fresh if restricted or not (child or _is_hidden(book, alert))]
        found = Around(
            own=[alert for alert in (*seen, *known.own) if alert.nature != CONTROL and _is_own(alert, subject)],
            control=latest_each([*(alert for alert in seen if alert.nature == CONTROL), *known.control]),
            others=[*(alert for alert in seen if not _is_own(alert, subject)), *known.others],
            links=known.links,
        )
        rules = len(judge.rules)
        return answer(
            subject, one, found, status="given", screen=screen, at_us=at_us, shared=shared, sizes=sizes, rules=rules
        )

    def _neighbours(self, book: CustomerBook, subject: str, one: Customer) -> list[Customer]:
        sharers = dict.fromkeys(other for name in identifiers(one) for other in book.holders(name) if other != subject)
        found = (book.customer(other) for other in list(sharers)[:MOST_NEIGHBOURS])
        return [neighbour for neighbour in found if neighbour is not None]

    def _alert(self, signal: Signal) -> Alert:
        """As it would be written, without an id: nothing of it is."""
        about, values = self._judges.abouts[signal.detector], self._judges.values[signal.detector]
        flag = catalogue()[about.entries[0]]
        bare = Alert(
            alert_id="trial",
            revision=1,
            detector=about.id,
            version=about.version,
            entry=flag.id,
            title=about.title,
            domain=flag.domain,
            typology=flag.typology,
            severity=about.severity,
            score=signal.score,
            subject=signal.subject,
            roles={signal.subject: about.role},
            state="provisional",
            opened_us=signal.at_us,
            last_us=signal.at_us,
            signals=1,
            evidence=(signal.event_id,),
            citations=citations(flag),
            reason=reason(about, signal.subject, signal.values, values),
            disclosable="",
            next_steps=about.next_steps,
            innocent=about.innocent,
            nature=about.nature,
        )
        return msgspec.structs.replace(bare, alert_id="")


def _is_hidden(book: CustomerBook, alert: Alert) -> bool:
    with book.lock:
        return alert.nature == PROTECTION or book.is_of_minor(alert.subject)


def _is_own(alert: Alert, subject: str) -> bool:
    return alert.subject == subject
