"""Is a transaction of many people who pay in one, so that its inputs have no common owner? Pure.

Three structural signs, each of one transaction alone. A sign too many costs a link; a sign too few joins strangers, so
in doubt a transaction is called a mix.

- `joinmarket`: equal outputs to as many addresses as there can be participants, each with change but one, paid by at
  least as many addresses. BlockSci's rule (Kalodner et al., USENIX Security 2020; Goldfeder et al., PETS 2018),
  which leaves out 546 and 2,730 units: protocols of tokens pay those.
- `equal-outputs`: MANY_EQUAL or more equal outputs to distinct addresses, paid by at least as many addresses:
  Whirlpool's 5 to 5, Wasabi 1's rounds (Schnoering and Vazirgiannis, arXiv 2311.12491; Stütz et al., AFT 2022).
- `many-denominations`: CROWD or more on both sides, half of the outputs of a value that comes more than once:
  Wasabi 2 (WabiSabi) rounds (same sources).

Blind to: PayJoin (BIP-78), which is made to look like a payment; mixes of two; coin swaps.
"""

from __future__ import annotations

from collections import defaultdict

from manumit.schemas.utxo import UtxoTransaction

TOKEN_DUST = frozenset((546, 2_730))
MANY_EQUAL = 5  # ours: the smallest round of Whirlpool
CROWD = 20  # ours: rounds of Wasabi 2 have 50 inputs and more, early ones less
REPEATED_SHARE = 0.5  # ours


def coinjoin(transaction: UtxoTransaction) -> str:
    """The name of the sign, empty where there is none."""
    payers = len({coin.address for coin in transaction.inputs})
    made = [coin for coin in transaction.outputs if coin.amount > 0]
    if payers < 2 or len(transaction.inputs) < 2 or len(made) < 2:
        return ""
    by_amount: dict[int, set[str]] = defaultdict(set)
    for coin in made:
        by_amount[coin.amount].add(coin.address)
    amount, equal = max(((amount, len(to)) for amount, to in by_amount.items()), key=lambda found: (found[1], found[0]))
    if amount in TOKEN_DUST:
        return ""
    participants = (len(made) + 1) // 2
    if len(made) >= 3 and equal == participants <= payers:
        return "joinmarket"
    if MANY_EQUAL <= equal <= payers:
        return "equal-outputs"
    repeated = sum(len(to) for to in by_amount.values() if len(to) > 1)
    if payers >= CROWD and len(made) >= CROWD and repeated >= REPEATED_SHARE * len(made):
        return "many-denominations"
    return ""
