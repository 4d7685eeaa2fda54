"""`manumit exchange travel-rule` as a compliance desk runs it."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from manumit.cli import app

EXAMPLES = files("manumit.schemas.standards.ivms101.examples")


def asked(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["exchange", "travel-rule", *map(str, arguments)], env={"COLUMNS": "400"})


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.json")


def answers(result: Result) -> Any:
    return json.loads(result.stdout)["answers"]


def test_messages_of_both_forms_by_the_standard() -> None:
    said = asked(example("natural_2020"), example("legal_2023"), example("request_2020"), "--json")
    assert said.exit_code == 0
    assert [(one["form"], one["status"]) for one in answers(said)] == [
        ("2020", "complete"), ("2023", "complete"), ("2020", "gaps"),
    ]  # fmt: skip
    (gap,) = answers(said)[2]["gaps"]
    assert gap["field"] == "beneficiaryVASP"
    assert gap["remedy"]
    assert "R.16" in gap["cited"]["ref"]


def test_one_unusable_line_is_exit_code_3_and_hides_no_other(tmp_path: Path) -> None:
    whole = json.dumps(json.loads((EXAMPLES / "natural_2020.json").read_bytes()))
    own = '{"message": null, "transfer": {"profile": "us", "amount": 20}}'
    path = tmp_path / "messages.ndjson"
    path.write_text("\n".join((whole, '{"originator": ', own, whole)) + "\n")
    said = asked(path, "--profile", "eu", "--amount", "50", "--json")
    assert said.exit_code == 3
    document = json.loads(said.stdout)
    assert [(one["number"], one["status"], one["profile"]) for one in document["answers"]] == [
        (1, "complete", "eu"), (2, "unusable", "eu"), (3, "not-due", "us"), (4, "complete", "eu"),
    ]  # fmt: skip
    assert (document["messages"], document["complete"], document["unusable"]) == (4, 2, 1)


def test_the_table_names_field_remedy_and_article_and_nobody() -> None:
    said = asked(example("natural_2020"), "--profile", "eu", "--amount", "1000.01", "--counterparty", "self-hosted")
    assert said.exit_code == 0
    for words in ("natural_2020.json:1", "beneficiary.accountNumber", "unattested", "signed message", "Article 14(5)"):
        assert words in said.stdout
    assert "Exampleova" not in said.stdout
    attested = asked(
        example("natural_2020"), "--profile", "eu", "--amount", "1000.01", "--counterparty", "self-hosted", "--attested"
    )
    assert "unattested" not in attested.stdout


def test_an_amount_of_nothing_is_an_amount() -> None:
    (known,) = answers(asked(example("natural_2020"), "--profile", "us", "--amount", "0", "--json"))
    assert (known["worth_known"], known["status"]) == (True, "not-due")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--amount", "5"), "--profile"),
        (("--direction", "in"), "--profile"),
        (("--profile", "atlantis"), "atlantis"),
        (("--profile", "eu", "--amount", "nan"), "amount"),
        (("--profile", "eu", "--amount", "inf"), "finite"),
        (("--profile", "eu", "--counterparty", "friend"), "counterparty"),
        (("--profile", "eu", "--at", "yesterday"), "yesterday"),
    ],
)
def test_an_option_that_cannot_be_is_exit_code_2(options: tuple[str, ...], words: str) -> None:
    said = asked(example("natural_2020"), *options)
    assert said.exit_code == 2
    assert words in said.stderr


def test_a_file_that_is_away_is_exit_code_4(tmp_path: Path) -> None:
    assert asked(tmp_path / "nowhere.json").exit_code == 4
