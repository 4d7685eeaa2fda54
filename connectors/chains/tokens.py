"""How many decimals a token has: the known ones from a table, others asked of the contract through web3's ABI."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from manumit.connectors.chains.rpc import FaultKind, NodeFault, Rpc
from manumit.connectors.chains.web3_import import load_web3

if TYPE_CHECKING:
    from web3 import Web3

ANSWERED: frozenset[FaultKind] = frozenset({"refused"})
# The node's own trouble. Anything else it refuses is the contract's doing, or one contract could stop us for ever.
LAGGING_WORDS = ("header not found", "unknown block", "block not found", "missing trie node", "state not available")
MOST_REMEMBERED = 50_000
MOST_DECIMALS = 77  # 10**77 is the largest power of ten below 2**256
DECIMALS_ABI = [
    {
        "type": "function",
        "name": "decimals",
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": "uint8"}],
    }
]


class TokenDecimals:
    """Callable: token address to decimals, None when the contract does not say. For one thread.

    `known` is asked first, and alone without `rpc`; `on_wire` writes the address as the node wants it. A contract's
    answer is remembered; raises EdgeDown when the node is away, never None for that. Decimals are the contract's own
    word: they scale amounts for display, and USD comes from the rates, which know tokens by address.
    """

    def __init__(
        self,
        known: Callable[[str], int | None],
        rpc: Rpc | None = None,
        on_wire: Callable[[str], str] = str,
    ) -> None:
        self._known = known
        self._rpc = rpc
        self._on_wire = on_wire
        self._asked: dict[str, int | None] = {}
        self._web3: Web3 | None = None

    def __call__(self, token: str) -> int | None:
        known = self._known(token)
        if known is not None or self._rpc is None:
            return known
        if token not in self._asked:
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.pop(next(iter(self._asked)))
            self._asked[token] = self._ask(self._rpc, token)
        return self._asked[token]

    def _ask(self, rpc: Rpc, token: str) -> int | None:
        load_web3()
        from web3 import Web3
        from web3.exceptions import Web3Exception

        if self._web3 is None:
            self._web3 = _web3_over(rpc)
        contract = self._web3.eth.contract(address=Web3.to_checksum_address(self._on_wire(token)), abi=DECIMALS_ABI)
        try:
            # CCIP read would fetch any URL the contract names.
            decimals = int(contract.functions.decimals().call(ccip_read_enabled=False))
        except (Web3Exception, OverflowError):
            return None
        return decimals if decimals <= MOST_DECIMALS else None


def _web3_over(rpc: Rpc) -> Web3:
    """web3 for the ABI, our Rpc for the wire: one retry, one rate limit."""
    import msgspec
    from web3 import Web3
    from web3.providers.base import JSONBaseProvider

    class OverRpc(JSONBaseProvider):
        """A web3 provider whose requests go through `rpc`."""

        def make_request(self, method: Any, params: Any) -> Any:
            try:
                result = rpc.call(method, *params, unless=ANSWERED)
            except NodeFault as fault:
                if fault.kind != "refused" or any(words in str(fault).lower() for words in LAGGING_WORDS):
                    raise
                error = {"code": fault.code, "message": str(fault), "data": fault.data}
                return {"jsonrpc": "2.0", "id": 0, "error": error}
            return {"jsonrpc": "2.0", "id": 0, "result": msgspec.json.decode(result)}

    return Web3(OverRpc())
