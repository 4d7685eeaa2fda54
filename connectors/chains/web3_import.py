"""Import web3 late and leave the interpreter as it was.

web3 takes half a second to import, and its py_ecc raises the recursion limit to 100,000 for pairings nobody
computes here. At that limit the nested JSON of a hostile node overflows the C stack instead of raising.
"""

from __future__ import annotations

import importlib
import sys


def load_web3() -> None:
    """After this, `import web3` inside a function is quick and changes nothing."""
    limit = sys.getrecursionlimit()
    importlib.import_module("web3")
    sys.setrecursionlimit(limit)
