"""java-tron's HTTP interface over an anvil: the same blocks, in the form of /wallet/getblockbylimitnext.

There is no java-tron to install. The form follows its documentation and `JsonFormat`; kinds of transactions that an
EVM node cannot make (votes, stakes, TRC-10 tokens) are put in by `become`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from tests.connectors.chains.anvil import Anvil

Become = Callable[[dict[str, Any]], dict[str, Any]]
Change = Callable[[dict[str, Any]], Any]


def on_tron(address: str) -> str:
    return "41" + address[2:].lower()


def transfer(transaction: dict[str, Any]) -> dict[str, Any]:
    """A payment, or a call that brings value with it."""
    value = {"owner_address": on_tron(transaction["from"]), "amount": int(transaction["value"], 16)}
    if transaction["input"] == "0x":
        return {"type": "TransferContract", "parameter": {"value": {**value, "to_address": on_tron(transaction["to"])}}}
    called = {
        "owner_address": value["owner_address"],
        "contract_address": on_tron(transaction["to"] or "0x" + "00" * 20),
    }
    call_value = {"call_value": value["amount"]} if value["amount"] else {}
    return {"type": "TriggerSmartContract", "parameter": {"value": {**called, **call_value}}}


@dataclass(slots=True)
class TronWallet:
    """`change` alters whole answers."""

    node: Anvil
    become: Become = transfer
    change: Change = lambda answer: answer
    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, body: dict[str, Any]) -> Any:
        self.asked.append(body)
        heights = range(body["startNum"], body["endNum"])
        rows = [[hex(height), True] for height in heights]
        blocks = [block for block in self.node.ask_all("eth_getBlockByNumber", rows) if block]
        return self.change({"block": [self._block(block) for block in blocks]})

    def _block(self, block: dict[str, Any]) -> dict[str, Any]:
        receipts = self.node.ask("eth_getBlockReceipts", block["hash"])
        listed = [self._row(t, r) for t, r in zip(block["transactions"], receipts, strict=True)]
        header = {"raw_data": {"number": int(block["number"], 16), "timestamp": int(block["timestamp"], 16) * 1000}}
        found = {"blockID": block["hash"][2:], "block_header": header}
        return {**found, "transactions": listed} if listed else found

    def _row(self, transaction: dict[str, Any], receipt: dict[str, Any]) -> dict[str, Any]:
        outcome = "SUCCESS" if receipt["status"] == "0x1" else "REVERT"
        return {
            "ret": [{"contractRet": outcome}],
            "txID": transaction["hash"][2:],
            "raw_data": {"contract": [self.become(transaction)]},
        }


@contextlib.contextmanager
def tron_wallet(node: Anvil) -> Iterator[TronWallet]:
    """Serve one on a free port until the block ends."""
    wallet = TronWallet(node)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            assert self.path == "/wallet/getblockbylimitnext"
            body = msgspec.json.decode(self.rfile.read(int(self.headers["content-length"])))
            content = msgspec.json.encode(wallet.answer(body))
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    wallet.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield wallet
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
