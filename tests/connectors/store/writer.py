"""A process that writes alerts until it is killed, and says what was acknowledged.

    python -m tests.connectors.store.writer URL FIRST

Batch b holds the alerts b * ROWS up to (b + 1) * ROWS; its number is printed once the write returned.
"""

from __future__ import annotations

import sys
from itertools import count

from manumit.connectors.store.opening import open_store
from tests.connectors.store.records import alert

ROWS = 200


def batch(number: int) -> list[int]:
    """The numbers of its alerts."""
    return [*range(number * ROWS, (number + 1) * ROWS)]


def main(url: str, first: int) -> None:
    store = open_store(url)
    store.migrate()
    for number in count(first):
        store.write("alerts", [alert(i) for i in batch(number)])
        print(number, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
