"""An invented export of customers with rows damaged on purpose, and which rows carry which damage."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from manumit.connectors.exchange.mapping import FieldMap, Mapping, checked

NOW_US = 1_767_225_600_000_000
Row = dict[str, str]
MAPPING = checked(
    Mapping(
        record="customer.v1",
        exchange="invented-exchange",
        fields={
            "customer_id": FieldMap(column="client_no"),
            "at_us": FieldMap(column="exported_at", form="time"),
            "opened_us": FieldMap(column="opened_on", form="date"),
            "verified_us": FieldMap(column="verified_on", form="date"),
            "verification": FieldMap(column="status", form="word", values={"approved": "full"}, required=True),
            "jurisdiction": FieldMap(column="country", form="country"),
            "name": FieldMap(column="full_name", form="token"),
            "birth": FieldMap(column="born", form="birth"),
            "age": FieldMap(column="born", form="age"),
            "address_type": FieldMap(column="home", form="word"),
            "occupation": FieldMap(column="job", form="word"),
            "declared_income_usd": FieldMap(column="income", form="decimal-comma", times=1.1),
            "contacts": FieldMap(column="email", form="email", separator=";"),
            "devices": FieldMap(column="phone", form="phone", separator=";"),
            "documents": FieldMap(column="document"),
            "face_score": FieldMap(column="face", form="percent"),
            "face_tries": FieldMap(column="tries", form="integer"),
            "wallets": FieldMap(column="wallets", form="wallet", separator=";"),
        },
    )
)
COLUMNS = tuple(dict.fromkeys(field.column for field in MAPPING.fields.values()))


def good(number: int) -> Row:
    return {
        "client_no": f"c-{number}",
        "exported_at": f"2025-12-{number % 28 + 1:02}T08:00:00+01:00",
        "opened_on": "2024-03-01",
        "verified_on": "2024-03-02",
        "status": "approved",
        "country": "NL",
        "full_name": f"Invented Person {number}",
        "born": f"19{number % 60 + 30}-05-17",
        "home": "home",
        "job": "baker",
        "income": f"{20_000 + number % 5_000},50",
        "email": f"person{number}@example.org;other{number}@example.com",
        "phone": "+12025550123",
        "document": f"document:{number:032x}",
        "face": "93.5",
        "tries": "1",
        "wallets": "0x" + f"{number:040x}",
    }


def put(column: str, value: str) -> Callable[[Row], str]:
    return lambda row: line({**row, column: value})


def line(row: Row) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(row[column] for column in COLUMNS)
    return out.getvalue()


DAMAGE: dict[str, Callable[[Row], str]] = {
    "not-utf8": lambda row: line({**row, "full_name": "J\udcf6rg"}),  # written as one raw byte
    "not-csv": lambda row: line(row).replace("baker", '"ba"ker'),
    "cell-count": lambda row: line(row) + ",more",
    "line-too-long": lambda row: line({**row, "job": "x" * 1_100_000}),
    "blank-row": lambda row: "," * (len(COLUMNS) - 1),
    "control-character": put("full_name", "Invented\x07Person"),
    "missing-id": put("client_no", ""),
    "missing-time": put("exported_at", ""),
    "missing-value": put("status", ""),
    "id-too-long": put("client_no", "c" * 513),
    "id-invisible": put("client_no", "c-1\u200b"),
    "id-spaces": put("client_no", "c-1 "),
    "id-unicode": put("client_no", "c-\uff11"),
    "id-contact": put("client_no", "person@example.org"),
    "id-placeholder": put("client_no", "N/A"),
    "word-too-long": put("job", "baker " * 50),
    "time-form": put("exported_at", "31.12.2025 08:00"),
    "time-without-zone": put("exported_at", "2025-12-01T08:00:00"),
    "time-range": put("exported_at", "1869-12-01T08:00:00+00:00"),
    "time-in-future": put("exported_at", "2026-12-01T08:00:00+00:00"),
    "number-form": put("income", "25 000"),
    "number-not-finite": put("income", "NaN"),
    "number-negative": put("income", "-100,00"),
    "number-absurd": put("income", "9" * 14),
    "number-range": put("tries", "300"),
    "share-range": put("face", "101"),
    "unknown-word": put("home", "castle"),
    "unknown-country": put("country", "Holland"),
    "date-form": put("born", "17/05/1985"),
    "birth-in-future": put("born", "2031-05-17"),
    "birth-too-old": put("born", "1785-05-17"),
    "email-form": put("email", "nobody at example.org"),
    "phone-form": put("phone", "extension 12"),
    "wallet-form": put("wallets", "0x1234"),
    "list-form": put("email", "person@example.org;;other@example.org"),
    "raw-contact": put("document", "person@example.org"),
    "duplicate-id": line,
    "conflicting-rows": put("job", "butcher"),
    "verified-before-opening": put("verified_on", "2024-02-01"),
    "verified-after-snapshot": put("verified_on", "2026-02-01"),
    "opened-after-snapshot": lambda row: line({**row, "opened_on": "2026-02-01", "verified_on": ""}),
}


def write_damaged(path: Path, rows: int, every: int) -> dict[str, list[int]]:
    """`rows` rows, each `every`-th damaged, kind after kind. Returns the lines of each kind; the header is line 1."""
    expected: dict[str, list[int]] = {kind: [] for kind in DAMAGE}
    kinds = list(DAMAGE)
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        out.write(",".join(COLUMNS) + "\n")
        for number in range(rows):
            row = good(number)
            if number % every == every - 1:
                kind = kinds[(number // every) % len(kinds)]
                again = kind in ("duplicate-id", "conflicting-rows")
                out.write(DAMAGE[kind](good(number - 1) if again else row) + "\n")
                expected[kind].append(number + 2)
            else:
                out.write(line(row) + "\n")
    return expected
