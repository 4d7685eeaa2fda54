"""A list assessed: each number names its rows, and nobody is counted for what is done to them."""

from __future__ import annotations

from typing import Any

import msgspec

from manumit.detectors.customer_stories import known, whole
from manumit.detectors.stories import label
from manumit.schemas.assessment import Assessment
from manumit.schemas.customer import Customer
from manumit.schemas.screening import CategoryExposure, Screening
from manumit.schemas.subject import person_token
from manumit.streams.assessment import assess
from manumit.streams.customer_book import CustomerBook
from manumit.streams.label_book import LabelBook
from tests.streams.customer_books import NOW_US, book, scored, standing, subject, unknown


def exposed(**categories: str) -> Any:
    """By the last part of an account's name: what it received from."""

    def screen(address: str) -> list[Screening]:
        category = categories.get(address.rpartition(":")[2])
        (answer,) = scored()(address)
        if category is None:
            return [answer]
        source = CategoryExposure(
            category=category, direct_usd=50.0, direct_share=0.5, indirect_usd=0.0, indirect_share=0.0, by_hops=(),
            weight=1.0, points=0.5,
        )  # fmt: skip
        return [msgspec.structs.replace(answer, status="known", score=0.5, sources=(source,))]

    return screen


def assessed(
    *rows: Customer, made: CustomerBook | None = None, labels: LabelBook | None = None, screen: Any = unknown
) -> Assessment:
    return assess(
        enumerate(rows, 2),
        file="list.csv",
        book=made or book(),
        labels=labels or LabelBook(),
        screen=screen,
        at_us=NOW_US,
        due_diligence=True,
    )


def test_every_number_is_that_of_the_rows_it_names() -> None:
    where = [("NL", "hospitality"), ("NL", "cleaning"), ("DE", "cleaning"), ("US", "")]
    rows = [
        whole(f"p{i}", jurisdiction=land, sector=sector, kind="legal", wallets=(f"x:{i}",), address="a" if i else "")
        for i, (land, sector) in enumerate(where)
    ]
    found = assessed(*rows, screen=exposed(**{"0": "trafficking", "1": "scam", "2": "scam", "3": "escort"}))
    by_number = {one.number: one for one in found.findings}
    assert sorted(by_number) == list(range(1, len(found.findings) + 1))
    for cells in (found.by_typology, found.by_country, found.by_sector, found.risk_map):
        assert sorted(n for cell in cells for n in cell.findings) == sorted(by_number)
        for cell in cells:
            assert cell.parties == len({by_number[n].row for n in cell.findings})
            assert cell.highest == max(by_number[n].weight for n in cell.findings)
    gaps = {one.number: one for one in found.gaps}
    for lacking in found.by_gap:
        assert lacking.parties == len({gaps[n].row for n in lacking.gaps})
        assert all(gaps[n].datum == lacking.datum for n in lacking.gaps)
    assert {cell.names[0]: cell.parties for cell in found.by_typology} == {
        "scam-compound": 2, "sexual-exploitation": 1, "trafficking-unspecified": 1,
    }  # fmt: skip
    assert {cell.names[0]: cell.parties for cell in found.by_sector} == {"cleaning": 2, "hospitality": 1, "unknown": 1}


def test_alerts_records_and_adverts_are_findings_with_their_sources() -> None:
    one = whole("c", contacts=("contact:t",))
    made = book(standing("kyc-income-mismatch", subject("c")), standing("li-job-all-paid-travel", "contact:t"))
    labels = LabelBook()
    labels.add([label(person_token(one.name, one.birth), "child-abuse")])
    found = assessed(one, made=made, labels=labels)
    assert [finding.kind for finding in found.findings] == ["alert", "advert", "record"]
    assert all(finding.sources and finding.evidence for finding in found.findings)
    assert found.findings[2].typology == "child-exploitation"


def test_what_may_be_done_to_a_party_has_no_weight_and_that_is_said() -> None:
    one = whole("c", contacts=("contact:t",))
    rules = ("kyc-geographic-movement", "kyc-lodging-cash-colocation", "kyc-adverse-media", "kyc-wage-returned")
    labels = LabelBook()
    labels.add([label(person_token(one.name, one.birth), "trafficking")])
    found = assessed(one, made=book(*(standing(rule, subject("c")) for rule in rules)), labels=labels)
    assert sorted(finding.kind for finding in found.findings) == ["alert"] * len(rules) + ["record"]
    assert {finding.weight for finding in found.findings} == {0.0}
    for cells in (found.by_typology, found.by_country, found.by_sector, found.risk_map):
        assert {cell.highest for cell in cells} == {0.0}
    assert any("shown without weight" in line for line in found.basis)
    advert = assessed(one, made=book(standing("li-job-all-paid-travel", "contact:t")))
    assert advert.findings[0].weight > 0


def test_what_stands_behind_several_parties_is_no_partys_finding() -> None:
    one = whole("c", devices=("device:d",), documents=("document:p",))
    made = book(
        standing("kyc-single-controller", "device:d"),
        standing("kyc-shared-identifiers-burst", "device:d"),
        standing("kyc-third-party-identity", "document:p"),
    )
    assert assessed(one, made=made).findings == ()


def test_minors_and_people_under_pressure_are_only_counted() -> None:
    made = book(standing("kyc-sextortion-notes", subject("pressed")))
    found = assessed(known("child", age=12), known("pressed"), whole("c"), made=made)
    assert (found.parties, found.assessed, found.restricted, found.without) == (3, 1, 2, (4,))
    told = repr(found)
    assert "child'" not in told and "pressed" not in told
    assert (found.findings, found.gaps) == ((), ())


def test_what_could_not_be_judged_is_said() -> None:
    assert len(assessed(whole("c", wallets=tuple(f"x:{i}" for i in range(17)))).missing) == 3
    rows = [(1, known("c"))]
    bare = assess(rows, file="f", book=book(), labels=LabelBook(), screen=unknown, at_us=NOW_US, due_diligence=False)
    assert bare.gaps == ()
    assert "gaps were not looked for" in bare.missing[0]
