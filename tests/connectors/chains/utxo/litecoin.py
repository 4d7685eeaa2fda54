"""A real node of a Bitcoin-like chain for the tests: litecoind in regression mode, without a wallet.

Keys are small numbers, so payments of any shape can be signed: many inputs, bare keys, multisig, data outputs.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
from eth_keys.datatypes import PrivateKey

from manumit.schemas.addresses import LITECOIN_REGTEST
from manumit.schemas.base58 import encode_check
from tests.servers import free_port, wait_until

CHAIN = LITECOIN_REGTEST
WIF_VERSION, COMPRESSED = b"\xef", b"\x01"
MATURITY = 100
FEE = 1_000
COIN = 100_000_000
ANSWER_S = 60


class NodeError(Exception):
    """litecoind answered with an error."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key by number."""

    number: int

    @property
    def secret(self) -> str:
        return encode_check(WIF_VERSION + self.number.to_bytes(32, "big") + COMPRESSED)

    @property
    def public(self) -> str:
        return str(PrivateKey(self.number.to_bytes(32, "big")).public_key.to_compressed_bytes().hex())


@dataclass(frozen=True, slots=True)
class Unspent:
    """An output that a key can spend. `script` in hexadecimal, `amount` in base units."""

    tx_hash: str
    index: int
    amount: int
    script: str
    key: Key


class Litecoin:
    """One litecoind process on a folder of its own."""

    def __init__(self, binary: Path, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"http://tester:secret@127.0.0.1:{self.port}"
        self._http = httpx.Client(timeout=ANSWER_S, verify=False)  # noqa: S501 - loopback http
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(binary), "-regtest", f"-datadir={folder}", "-rpcuser=tester", "-rpcpassword=secret"]
        command += [f"-rpcport={self.port}", "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1", "-listen=0", "-dnsseed=0"]
        command += ["-connect=0", "-disablewallet", "-printtoconsole=0", "-persistmempool=0", "-acceptnonstdtxn=1"]
        command += ["-dustrelayfee=0", *options]
        self._process = subprocess.Popen(command)
        wait_until(self._answers, what="litecoind to answer", deadline_s=ANSWER_S)

    def close(self) -> None:
        self._http.close()
        self._process.kill()  # its folder is thrown away
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            return bool(self.ask("getblockcount") >= 0)
        except (httpx.TransportError, NodeError):
            return False

    def ask(self, method: str, *params: object) -> Any:
        body = {"id": 0, "method": method, "params": list(params)}
        content = self._http.post(self.url, content=msgspec.json.encode(body)).content
        answer = msgspec.json.decode(content)
        if answer["error"]:
            raise NodeError(answer["error"])
        return answer["result"]

    def address(self, key: Key, form: str = "wpkh") -> str:
        """`form` is a descriptor's function: pkh, wpkh, sh(wpkh."""
        descriptor = f"{form}({key.public}" + ")" * (form.count("(") + 1)
        checked = self.ask("getdescriptorinfo", descriptor)["descriptor"]
        return str(self.ask("deriveaddresses", checked)[0])

    def mine(self, blocks: int = 1, key: Key | None = None) -> list[str]:
        return list(self.ask("generatetoaddress", blocks, self.address(key or Key(1))))

    def head(self) -> str:
        return str(self.ask("getbestblockhash"))

    def height(self) -> int:
        return int(self.ask("getblockcount"))

    def coinbase(self, height: int, key: Key) -> Unspent:
        """What the block at `height` paid to `key`."""
        block = self.ask("getblock", self.ask("getblockhash", height), 2)
        return self._unspent(block["tx"][0], 0, key)

    def _unspent(self, transaction: dict[str, Any], index: int, key: Key) -> Unspent:
        made = transaction["vout"][index]
        amount = int(Decimal(str(made["value"])).scaleb(8))
        return Unspent(transaction["txid"], index, amount, made["scriptPubKey"]["hex"], key)

    def send(self, spent: Sequence[Unspent], made: Sequence[tuple[str, int]]) -> dict[str, Any]:
        """A signed transaction into the pool; its decoded form. `made` are (script in hexadecimal, base units)."""
        raw = unsigned(spent, made).hex()
        outputs = [
            {"txid": u.tx_hash, "vout": u.index, "scriptPubKey": u.script, "amount": str(Decimal(u.amount).scaleb(-8))}
            for u in spent
        ]
        signed = self.ask("signrawtransactionwithkey", raw, [u.key.secret for u in spent], outputs)
        assert signed["complete"], signed
        self.ask("sendrawtransaction", signed["hex"], 0)
        decoded: dict[str, Any] = self.ask("decoderawtransaction", signed["hex"])
        return decoded

    def script(self, address: str) -> str:
        return str(self.ask("validateaddress", address)["scriptPubKey"])

    def pays(self, spent: Unspent, amounts: Sequence[tuple[Key, int]]) -> list[Unspent]:
        """One input to several keys (witness outputs); what is left goes back to the payer's key."""
        made = [(self.script(self.address(key)), amount) for key, amount in amounts]
        back = spent.amount - sum(amount for _, amount in amounts) - FEE
        made.append((self.script(self.address(spent.key)), back))
        decoded = self.send([spent], made)
        keys = [*(key for key, _ in amounts), spent.key]
        return [self._unspent(decoded, index, key) for index, key in enumerate(keys)]


def unsigned(spent: Sequence[Unspent], made: Sequence[tuple[str, int]]) -> bytes:
    """The bytes of a transaction whose inputs are not signed yet; at most 252 of each."""
    raw = (2).to_bytes(4, "little") + bytes([len(spent)])
    for one in spent:
        raw += bytes.fromhex(one.tx_hash)[::-1] + one.index.to_bytes(4, "little") + b"\0" + b"\xff" * 4
    raw += bytes([len(made)])
    for script, amount in made:
        data = bytes.fromhex(script)
        raw += amount.to_bytes(8, "little") + bytes([len(data)]) + data
    return raw + bytes(4)
