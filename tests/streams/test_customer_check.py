"""One customer's answer: gaps with who asks, alerts by whom they are about, and nothing for the wrong eyes."""

from __future__ import annotations

import pytest

from manumit.detectors.catalogue import detectors
from manumit.detectors.customer_stories import did, known, whole
from manumit.detectors.stories import DAY, START_US
from manumit.streams.customer_check import check
from manumit.streams.customer_trial import Trial
from manumit.streams.rule_pack import Configured
from tests.streams.customer_books import NOW_US, book, scored, standing, subject, unknown

TRIAL = Trial(Configured(detectors=detectors(), overrides={}))


def test_a_customer_of_whom_everything_is_on_file_has_no_gap() -> None:
    found = check(book(whole("c")), subject("c"), screen=unknown, at_us=NOW_US)
    assert (found.status, found.role, found.gaps, found.findings) == ("known", "unknown", (), ())
    assert "no gap of knowledge" in found.summary


def test_each_gap_names_the_law_that_asks_and_a_remedy() -> None:
    one = known("c", jurisdiction="NL", expires=-DAY, wallets=("eip155:1:w",), verification="basic")
    found = check(book(one), subject("c"), screen=unknown, at_us=NOW_US)
    assert [(gap.kind, gap.datum) for gap in found.gaps] == [
        ("unverified", "verification"),
        ("expired", "document"),
        ("missing", "address"),
        ("missing", "birth"),
        ("missing", "name"),
        ("missing", "national-id"),
        ("unattested", "eip155:1:w"),
    ]
    assert all(gap.remedy and gap.cited[0].ref and gap.cited[0].section for gap in found.gaps)
    assert found.gaps[-1].cited[0].ref == "Regulation (EU) 2023/1113"
    assert (found.profile.id, found.profile.assumed) == ("eu", False)


def test_a_country_without_a_profile_is_judged_by_another_and_that_is_said() -> None:
    found = check(book(whole("c", jurisdiction="TH")), subject("c"), screen=unknown, at_us=NOW_US)
    assert (found.profile.id, found.profile.country, found.profile.assumed) == ("fatf", "TH", True)


def test_a_minor_and_what_a_minor_gave_are_for_restricted_eyes_whatever_the_nature() -> None:
    made = book(
        whole("c", age=15, devices=("device:d",), wallets=("eip155:1:w",)),
        whole("adult", age=40, devices=("device:d",)),
        *(standing("kyc-income-mismatch", subject(name)) for name in ("c", "adult")),
        standing("kyc-missing-cdd-fields", subject("c")),
        *(standing("kyc-single-controller", name) for name in ("device:d", "eip155:1:w")),
    )
    plain = check(made, subject("c"), screen=unknown, at_us=NOW_US)
    assert (plain.findings, plain.around, [gap.alert_id for gap in plain.gaps if gap.alert_id]) == ((), (), [])
    seen = check(made, subject("c"), screen=unknown, at_us=NOW_US, restricted=True)
    assert [one.detector for one in seen.findings] == ["kyc-income-mismatch"]
    assert {one.subject for one in seen.around} == {"device:d", "eip155:1:w"}
    grown = check(made, subject("adult"), screen=unknown, at_us=NOW_US)
    assert ([one.subject for one in grown.findings], grown.around) == ([subject("adult")], ())


def test_a_minor_on_trial_is_answered_with_gaps_alone() -> None:
    one, events = whole("new", age=15, declared_income_usd=10_000.0), [did("p", "new", "deposit", 40_000.0)]
    plain = TRIAL.check(book(), one, events, screen=unknown, at_us=NOW_US)
    assert (plain.findings, plain.around) == ((), ())
    seen = TRIAL.check(book(), one, events, screen=unknown, at_us=NOW_US, restricted=True)
    assert "kyc-income-mismatch" in {finding.detector for finding in seen.findings}


@pytest.mark.parametrize(
    ("ages", "restricted"),
    [((15, 0), True), ((0, 15), True), ((17, 18), False), ((17, 0, 18), False), ((0, 0), False), ((30, 12), True)],
)
def test_who_was_a_minor_stays_one_until_an_age_says_otherwise(ages: tuple[int, ...], restricted: bool) -> None:
    told = [whole("c", at=place * DAY, age=age) for place, age in enumerate(ages)]
    for rows in (told, told[::-1]):
        assert book(*rows).is_restricted(subject("c")) is restricted


def test_one_minor_among_many_holders_is_enough() -> None:
    many = [whole(f"c{i}", age=30, devices=("device:d",)) for i in range(70)]
    assert not book(*many).is_of_minor("device:d")
    assert book(*many, whole("late", age=9, devices=("device:d",))).is_of_minor("device:d")


def test_nobody_is_not_an_innocent() -> None:
    found = check(book(), subject("nobody"), screen=unknown, at_us=NOW_US)
    assert found.status == "unknown"
    assert [gap.kind for gap in found.gaps] == ["no-snapshot"]
    assert found.missing == ("a snapshot of the customer: load one, or send it along",)


def test_alerts_stand_where_they_belong() -> None:
    one = whole("c", devices=("device:d",), contacts=("contact:t",), wallets=("eip155:1:w",))
    made = book(
        one,
        standing("kyc-income-mismatch", subject("c")),
        standing("kyc-missing-cdd-fields", subject("c")),
        standing("kyc-single-controller", "device:d"),
        standing("li-job-all-paid-travel", "contact:t"),
        standing("kyc-income-mismatch", subject("other")),
        standing("kyc-wage-returned", subject("c"), state="withdrawn"),
    )
    found = check(made, subject("c"), screen=scored(w=0.8), at_us=NOW_US)
    assert [one.detector for one in found.findings] == ["kyc-income-mismatch"]
    assert [gap.datum for gap in found.gaps if gap.kind == "control"] == ["kyc-missing-cdd-fields"]
    assert [one.detector for one in found.around] == ["li-job-all-paid-travel", "kyc-single-controller"]
    assert [wallet.score for wallet in found.wallets] == [0.8]
    assert all(one.citations and one.reason for one in (*found.findings, *found.around))


def test_who_shares_an_identifier_is_told() -> None:
    made = book(*(known(f"c{i}", devices=("device:d",)) for i in range(1, 4)))
    (shared,) = check(made, subject("c1"), screen=unknown, at_us=NOW_US).shared
    assert (shared.identifier, shared.customers, shared.others) == ("device:d", 2, (subject("c2"), subject("c3")))


def test_what_concerns_minors_needs_the_right_eyes() -> None:
    made = book(whole("c", age=15, minimum_age=18), standing("kyc-minor-account", subject("c")))
    assert check(made, subject("c"), screen=unknown, at_us=NOW_US).findings == ()
    seen = check(made, subject("c"), screen=unknown, at_us=NOW_US, restricted=True)
    assert [one.nature for one in seen.findings] == ["protection"]


def test_a_trial_judges_what_is_given_and_keeps_nothing() -> None:
    made = book()
    one = whole("c", at=-DAY, address="", declared_income_usd=12_000.0)
    found = TRIAL.check(made, one, [did("p", "c", "deposit", 40_000.0)], screen=unknown, at_us=NOW_US)
    assert found.status == "given"
    assert {finding.detector for finding in found.findings} == {"kyc-income-mismatch"}
    assert {gap.datum for gap in found.gaps} == {"address", "kyc-missing-cdd-fields"}
    assert all(finding.alert_id == "" for finding in found.findings)
    assert (made.customers, made.alerts) == (0, 0)


def test_a_trial_sees_whom_it_shares_a_device_with() -> None:
    opened = {"devices": ("device:d",), "opened_us": START_US}
    made = book(*(known(f"c{i}", at=i, **opened) for i in range(1, 4)))
    found = TRIAL.check(made, known("c4", at=9, **opened), [], screen=unknown, at_us=NOW_US)
    assert [one.subject for one in found.around] == ["device:d"]
    assert "4 customers" in found.around[0].reason


def test_a_trial_of_a_child_says_so_to_the_right_eyes_only() -> None:
    one = whole("c", age=15, minimum_age=18)
    assert TRIAL.check(book(), one, [], screen=unknown, at_us=NOW_US).findings == ()
    seen = TRIAL.check(book(), one, [], screen=unknown, at_us=NOW_US, restricted=True)
    assert [finding.detector for finding in seen.findings] == ["kyc-minor-account"]


def test_a_later_snapshot_counts_in_whatever_order_it_comes() -> None:
    old, new = known("c", at=0), whole("c", at=DAY)
    for rows in ((old, new), (new, old)):
        assert check(book(*rows), subject("c"), screen=unknown, at_us=NOW_US + DAY).gaps == ()
