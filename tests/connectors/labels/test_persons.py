"""People of FollowTheMoney files become labels of tokens, and join customers by more than a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from manumit.connectors.labels.persons import parse_persons, read_persons
from manumit.connectors.tokens import kind_tokeniser
from manumit.detectors.catalogue import detector
from manumit.detectors.customer_stories import known
from manumit.detectors.stories import DAY, START_US
from manumit.schemas.alert import Alert
from manumit.schemas.customer import Customer
from manumit.schemas.dead_letter import DeadLetter
from manumit.schemas.errors import ConfigError
from manumit.schemas.label import Label
from manumit.streams.lanes import END_US
from manumit.streams.merging import Bundle
from manumit.streams.pipeline import Pipeline
from manumit.streams.rule_pack import Configured

TOKENISE = kind_tokeniser(b"k" * 32)
CONFIGURED = Configured(detectors=(detector("kyc-adverse-media"),), overrides={})


def entity(schema: str, entity_id: str = "made-up-1", **properties: Any) -> bytes:
    told = {"id": entity_id, "schema": schema, "properties": properties}
    return msgspec.json.encode({**told, "datasets": ["made_up"], "first_seen": "2026-01-02"})


def person(**properties: Any) -> bytes:
    return entity("Person", **{"name": ["Vera Exampleova"], "topics": ["crime.traffick.human"], **properties})


def labels(*lines: bytes) -> list[Label]:
    return [one for one in parse_persons(lines, file_name="made-up.json", tokenise=TOKENISE) if isinstance(one, Label)]


def customer(**facts: Any) -> Customer:
    return known("c", at=3 * DAY, **facts)


def alerts(found: list[Label], one: Customer, until_us: int = END_US) -> tuple[Alert, ...]:
    pipeline = Pipeline(CONFIGURED)
    pipeline.learn_labels(found)
    return pipeline.take(Bundle(until_us=until_us, customers=(one,))).alerts


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({"passportNumber": ["XX 000-1"]}, {"documents": (TOKENISE("document", "xx0001"),)}),
        ({"idNumber": ["XX 0001"]}, {"documents": (TOKENISE("document", "xx 0001"),)}),
        ({"email": ["Vera@Example.org"]}, {"contacts": (TOKENISE("contact", "email:vera@example.org"),)}),
        ({"phone": ["+1 202-555-0123"]}, {"contacts": (TOKENISE("contact", "tel:+12025550123"),)}),
        (
            {"birthDate": ["1990-02-03"]},
            {"name": TOKENISE("name", "vera exampleova"), "birth": TOKENISE("birth", "1990-02-03")},
        ),
    ],
)
def test_a_customer_is_met_by_one_strong_identifier(given: dict[str, list[str]], held: dict[str, Any]) -> None:
    (found,) = alerts(labels(person(**given)), customer(**held))
    assert "made_up" in found.label_sources[0]
    assert "Exampleova" not in repr(found)
    assert found.roles == {found.subject: "unknown"}


@pytest.mark.parametrize(
    "held",
    [
        {"name": TOKENISE("name", "vera exampleova")},
        {"name": TOKENISE("name", "vera exampleova"), "birth": TOKENISE("birth", "1991-02-03")},
        {"birth": TOKENISE("birth", "1990-02-03")},
    ],
)
def test_a_name_alone_is_never_enough(held: dict[str, Any]) -> None:
    assert alerts(labels(person(birthDate=["1990-02-03"])), customer(**held)) == ()


def test_a_year_of_birth_is_no_birthday_and_a_party_without_a_topic_is_none() -> None:
    assert labels(person(birthDate=["1990"])) == []
    assert labels(entity("Person", name=["Vera Exampleova"], birthDate=["1990-02-03"])) == []


def test_a_paper_speaks_for_its_holder() -> None:
    paper = entity("Passport", "paper", number=["XX0002"], holder=["made-up-1"])
    assert {label.subject for label in labels(paper, person())} == {TOKENISE("document", "xx0002")}


def test_nothing_of_the_name_stays_and_a_damaged_line_is_not_kept() -> None:
    found = list(parse_persons([person(idNumber=["1"]), b'{"Vera'], file_name="f", tokenise=TOKENISE))
    assert "Exampleova" not in repr(found)
    (bad,) = [one for one in found if isinstance(one, DeadLetter)]
    assert (bad.place, bad.payload) == ("f:2", "")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="adverse_media"):
        read_persons(tmp_path / "nothing.json", TOKENISE)


def test_a_record_that_begins_later_fires_when_it_begins_in_any_bundles_and_after_a_restart() -> None:
    (label,) = labels(person(idNumber=["1"]))
    later = msgspec.structs.replace(label, valid_from_us=START_US + 9 * DAY)
    one = customer(documents=(label.subject,))
    whole = alerts([later], one)
    pipeline = Pipeline(CONFIGURED)
    pipeline.learn_labels([later])
    assert pipeline.take(Bundle(until_us=START_US + 5 * DAY, customers=(one,))).alerts == ()
    again = Pipeline(CONFIGURED)
    again.load(pipeline.dump(), [later])
    late = again.take(Bundle(until_us=START_US + 9 * DAY)).alerts
    assert [alert.alert_id for alert in late] == [alert.alert_id for alert in whole]
    assert again.take(Bundle(until_us=END_US)).alerts == (), "it is told once"


def test_a_record_taken_back_takes_its_alert_back() -> None:
    (label,) = labels(person(idNumber=["1"]))
    pipeline = Pipeline(CONFIGURED)
    pipeline.learn_labels([label])
    one = customer(documents=(label.subject,))
    (told,) = pipeline.take(Bundle(until_us=START_US + 4 * DAY, customers=(one,))).alerts
    gone = msgspec.structs.replace(label, valid_to_us=label.valid_from_us)
    (withdrawn,) = pipeline.take(Bundle(until_us=START_US + 5 * DAY, labels=(gone,))).alerts
    assert (withdrawn.alert_id, withdrawn.state) == (told.alert_id, "withdrawn")
