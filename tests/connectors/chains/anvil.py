"""A real node for the tests: Foundry's anvil, with one ERC-20 and the levers to reorganise its chain."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.servers import free_port, wait_until

TOKEN = json.loads((Path(__file__).parent / "token.json").read_text())
TRANSFER_SELECTOR = "0xa9059cbb"
CHAIN = "eip155:31337"
SUPPLY = 10**15
PLAIN = False  # loopback http: reading the certificate store would take 0.1 s a test


class NodeError(Exception):
    """anvil answered with an error."""


class Anvil:
    """One anvil process. Every send waits for its receipt, for eth_sendTransaction returns too early."""

    def __init__(self, binary: Path, *options: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.websocket_url = f"ws://127.0.0.1:{self.port}"
        self._http = httpx.Client(timeout=10, verify=PLAIN)
        command = [str(binary), "--host", "127.0.0.1", "--port", str(self.port), "--silent", *options]
        self._process = subprocess.Popen(command)
        wait_until(self._answers, what="anvil to answer")
        self.accounts: list[str] = [str(account) for account in self.ask("eth_accounts")]
        self.token = ""

    def close(self) -> None:
        self._http.close()
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("eth_chainId"))
        except httpx.TransportError:
            return False

    def ask(self, method: str, *params: object) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
        answer = self._http.post(self.url, json=body).json()
        if "error" in answer:
            raise NodeError(answer["error"])
        return answer["result"]

    def ask_all(self, method: str, rows: Sequence[Sequence[object]]) -> list[Any]:
        body = [{"jsonrpc": "2.0", "id": i, "method": method, "params": params} for i, params in enumerate(rows)]
        answers = self._http.post(self.url, json=body).json()
        failed = [answer["error"] for answer in answers if "error" in answer]
        if failed:
            raise NodeError(failed[0])
        return [answer["result"] for answer in answers]

    def deploy(self, bytecode: str) -> str:
        sent = {"from": self.accounts[0], "data": bytecode, "gas": hex(4_000_000)}
        return str(self.ask("eth_sendTransactionSync", sent)["contractAddress"])

    def deploy_token(self) -> str:
        self.token = self.deploy(TOKEN["bytecode"] + f"{SUPPLY:064x}")
        return self.token

    def pay_token(self, receiver: str, amount: int) -> dict[str, Any]:
        """One block with one ERC-20 transfer; its receipt."""
        sent = self.token_payment(receiver, amount)
        receipt: dict[str, Any] = self.ask("eth_sendTransactionSync", sent)
        return receipt

    def token_payment(self, receiver: str, amount: int) -> dict[str, str]:
        data = TRANSFER_SELECTOR + receiver[2:].rjust(64, "0") + f"{amount:064x}"
        return {"from": self.accounts[0], "to": self.token, "gas": hex(100_000), "data": data}

    def pay(self, receiver: str, amount: int, *, gas: int = 100_000) -> dict[str, Any]:
        """One block with one native payment; its receipt."""
        sent = {"from": self.accounts[0], "to": receiver, "value": hex(amount), "gas": hex(gas)}
        receipt: dict[str, Any] = self.ask("eth_sendTransactionSync", sent)
        return receipt

    def height(self) -> int:
        return int(self.ask("eth_blockNumber"), 16)

    def mine(self, blocks: int) -> None:
        self.ask("anvil_mine", hex(blocks), hex(12))

    def reorg(self, depth: int, payments: list[tuple[dict[str, str], int]] | None = None) -> None:
        """Replace the last `depth` blocks; each payment comes with the index of the new block it goes into."""
        self.ask("anvil_reorg", depth, [[sent, index] for sent, index in payments or []])

    def token_truth(self) -> set[tuple[str, str, int, str, str, int]]:
        """(block hash, tx hash, log index, sender, receiver, amount) of every 3-topic transfer on the chain now."""
        logs = self.ask("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
        return {
            (
                log["blockHash"],
                log["transactionHash"],
                int(log["logIndex"], 16),
                "0x" + log["topics"][1][26:],
                "0x" + log["topics"][2][26:],
                int(log["data"], 16),
            )
            for log in logs
            if len(log["topics"]) == 3
        }
