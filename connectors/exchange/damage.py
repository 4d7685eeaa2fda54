"""The kinds of damage a row can have, each with what to do about it. Nothing here repeats what the row says."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

REMEDIES = MappingProxyType(
    {
        "not-utf8": "Export the file again in UTF-8.",
        "not-csv": "Quote cells that hold quotes or newlines, and double the quotes in them.",
        "not-json": "Write one JSON object on each line.",
        "cell-count": "Give the row as many cells as the header names; look for a separator that is not quoted.",
        "line-too-long": "Split the record, or drop the column that holds a document.",
        "cut-off": "Export the file again: it ends in the middle of a row.",
        "blank-row": "Remove the row.",
        "control-character": "Strip control characters from the column before exporting.",
        "not-unicode": "Export the text again: it holds half of a character.",
        "missing-id": "Give every row an id that never changes.",
        "missing-time": "Give the moment of the snapshot or event; a day is enough where no time is known.",
        "missing-value": "Fill the cell: the mapping says that this field is required.",
        "id-too-long": "Use the short id of your system; at most 512 characters are kept.",
        "id-invisible": "Strip zero-width, direction and control characters from the id: it looks like another.",
        "id-spaces": "Strip spaces around the id, and keep single ones within it.",
        "id-unicode": "Write the id in one Unicode form (NFKC): the same letters otherwise are two customers.",
        "id-contact": "Use an id of your system: an e-mail address or phone number is personal data and changes hands.",
        "id-placeholder": "Give the row its own id: all rows with this text would be one customer.",
        "word-too-long": "Use a code instead of a sentence; at most 256 characters are kept.",
        "time-form": "Write the time as the mapping says, or change `form` or `pattern` in the mapping.",
        "time-without-zone": "Write the offset (2026-01-31T12:00:00+01:00), or name `zone` in the mapping.",
        "time-range": "Correct the year: times from 1970 to 2199 are kept.",
        "time-in-future": "Correct the time, or the clock of the exporting machine.",
        "number-form": "Write plain digits with the decimal sign the mapping names, without thousands separators.",
        "number-not-finite": "Leave the cell empty where the number is not known.",
        "number-negative": "Give amounts without a sign; the kind of the event tells the direction.",
        "number-absurd": "Check the unit: cents or coins where USD are asked for.",
        "number-range": "Give a whole number in the range of the field.",
        "share-range": "Give a share between 0 and 1, or name the form `percent` in the mapping.",
        "unknown-word": "Use one of the words of the record, or translate yours under `values` in the mapping.",
        "unknown-country": "Use the two letters of ISO 3166-1.",
        "date-form": "Write the date as YYYY-MM-DD, or name its `pattern` in the mapping.",
        "birth-in-future": "Correct the date of birth.",
        "birth-too-old": "Correct the date of birth: nobody is that old.",
        "email-form": "Correct the e-mail address, or leave the cell empty.",
        "phone-form": "Write the number with its country code, or name `region` in the mapping.",
        "wallet-form": "Correct the address: its form or its checksum is wrong for the chain.",
        "list-form": "Separate the parts with the `separator` of the mapping, without empty parts.",
        "raw-contact": "Name the form `email`, `phone` or `token` in the mapping, so that the contact becomes a token.",
        "duplicate-id": "Give each event its own id, or export it once.",
        "conflicting-rows": "Two rows say different things under one id and moment: keep the right one.",
        "unknown-customer": "Export the customer too, or correct the customer id.",
        "before-opening": "Correct the time, or the opening date of the customer.",
        "verified-before-opening": "Correct the day of verification or of opening.",
        "verified-after-snapshot": "Correct the day of verification: it is later than the row itself.",
        "opened-after-snapshot": "Correct the day of opening: it is later than the row itself.",
        "placeholder": "Leave the cell empty where nothing is known: it is read as empty, and never as shared.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with one row. `row` is the line of a text file or the row of a Parquet file, from 1.

    `column` is the file's own name.
    """

    row: int
    kind: str
    column: str
    why: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.kind]


class Unusable(Exception):
    """A cell that cannot be used; `kind` is one of REMEDIES."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind = kind
        self.why = why
