"""The committed pages are the generated ones, and hold everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from manumit.schemas.columns import columns_of
from manumit.schemas.fields import KINDS
from manumit.schemas.markdown import link, page, plain, table
from manumit.schemas.record_page import record_page
from manumit.schemas.records import RECORDS, TABLES
from manumit.schemas.redflag import catalogue
from manumit.schemas.redflag_page import redflag_page

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(("name", "made"), [("redflags.md", redflag_page()), ("schemas.md", record_page())])
def test_the_committed_page_is_the_generated_one(name: str, made: str) -> None:
    assert (DOCS / name).read_text("utf-8") == made, "run scripts/pages"


def test_every_entry_is_on_its_page() -> None:
    made = redflag_page()
    for flag in catalogue().values():
        section = made.split(f"\n### {flag.id}\n")[1].split("\n### ")[0]
        assert plain(flag.indicator) in section
        assert section.count("\n- Source: ") == len(flag.sources)
        assert all(plain(source.section) in section for source in flag.sources)
        assert all(f"`{threshold.name}` = " in section for threshold in flag.thresholds)
        assert ("**Weak source.**" in section) is flag.weak_source
        assert f"`{flag.logic}`" in section
    assert "`" not in "".join(flag.logic for flag in catalogue().values())


def test_every_record_field_kind_table_and_topic_is_on_its_page() -> None:
    made = record_page()
    assert all(f"\n| {kind} | " in made for kind in KINDS)
    for (name, struct), stored in zip(RECORDS.items(), TABLES, strict=True):
        section = made.split(f"\n## {struct.__name__}\n")[1].split("\n## ")[0]
        assert f"Topic `{name}`, table `{stored}`, kept for " in section
        assert all(f"\n| `{column.name}` | {column.kind} | " in section for column in columns_of(struct))


def test_retention_is_said_as_the_tables_have_it() -> None:
    made = record_page()
    assert "table `listings`, kept for 2 years, `title` for 90 days, `text` for 90 days." in made
    assert "table `suppressions`, kept for 5 years once `active = 0`." in made


def test_text_cannot_become_markup() -> None:
    assert plain("a < b | *c* [d] e_f") == r"a &lt; b \| \*c\* \[d\] e\_f"
    assert (link("a", ""), link("a", "https://example.org")) == ("a", "[a](https://example.org)")
    assert page(["# a", "", table(("x", "y"), [("1", "2")])]) == "# a\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n"


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("a_b and `c_d`", r"a\_b and `c_d`"),
        ('`{"x": {"min_y": 1}}` or *', r'`{"x": {"min_y": 1}}` or \*'),
        ("`a|b` | c", r"`a\|b` \| c"),
        ("a ` left_over", r"a ` left\_over"),
    ],
)
def test_code_in_a_text_stays_as_it_is(text: str, markdown: str) -> None:
    assert plain(text) == markdown
