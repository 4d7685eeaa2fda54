"""From a locking script to the name of who can spend it. Pure.

The script decides, not the node's word for it: nodes name addresses in two ways and leave some out. A bare public key
is named by its address (as BlockSci and GraphSense do); a script without an address by the hash of the script.
Sources: BIP-13, BIP-16, BIP-141, BIP-341; Bitcoin Core, script/solver.cpp.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from manumit.schemas.addresses import BITCOIN_FORMS
from manumit.schemas.base58 import encode_check
from manumit.schemas.bech32 import segwit_address
from manumit.schemas.errors import ConfigError

COINBASE = "coinbase.reward"
"""Who pays a coinbase. A full stop stands in no address."""

MOST_REMEMBERED = 65_536
OP_RETURN, OP_1, OP_16, OP_CHECKSIG, OP_CHECKMULTISIG = 0x6A, 0x51, 0x60, 0xAC, 0xAE
KEY_BYTES = (33, 65)
HASH_BYTES = 20


@dataclass(frozen=True, slots=True)
class Owner:
    """Who can spend: `address`, the script's `kind` in Bitcoin Core's words, addresses of its keys if several."""

    address: str
    kind: str
    members: tuple[str, ...] = ()


@lru_cache(MOST_REMEMBERED)
def owner(chain: str, script: bytes) -> Owner:
    """Raises ConfigError for a chain whose addresses manumit cannot write."""
    form = BITCOIN_FORMS.get(chain)
    if form is None:
        raise ConfigError(f"{chain} is no chain whose addresses manumit can write")
    if len(script) == 25 and script[:3] == b"\x76\xa9\x14" and script[23:] == b"\x88\xac":
        return Owner(_base58(form.key_version, script[3:23]), "pubkeyhash")
    if len(script) == 23 and script[:2] == b"\xa9\x14" and script[22] == 0x87:
        return Owner(_base58(form.script_version, script[2:22]), "scripthash")
    if form.prefix and _is_witness(script):
        version = script[0] and script[0] - OP_1 + 1
        return Owner(segwit_address(form.prefix, version, script[2:]), _witness_kind(version, len(script) - 2))
    if len(script) - 2 in KEY_BYTES and script[0] == len(script) - 2 and script[-1] == OP_CHECKSIG:
        return Owner(_key_address(form.key_version, script[1:-1]), "pubkey")
    keys = _multisig_keys(script)
    if keys:
        return Owner(_nameless(script), "multisig", tuple(_key_address(form.key_version, key) for key in keys))
    return Owner(_nameless(script), "nulldata" if script[:1] == bytes([OP_RETURN]) else "nonstandard")


def _base58(version: int, digest: bytes) -> str:
    return encode_check(bytes([version]) + digest)


def _key_address(version: int, key: bytes) -> str:
    return _base58(version, ripemd160(hashlib.sha256(key).digest()))


def ripemd160(data: bytes) -> bytes:
    """From OpenSSL, or where that leaves it out (3.0 to 3.0.6) from pycryptodome, which web3 needs anyway."""
    try:
        return hashlib.new("ripemd160", data).digest()
    except ValueError:
        from Crypto.Hash import RIPEMD160

        return RIPEMD160.new(data).digest()


def _nameless(script: bytes) -> str:
    return "script." + hashlib.sha256(script).digest()[:HASH_BYTES].hex()


def _is_witness(script: bytes) -> bool:
    if not 4 <= len(script) <= 42 or script[1] != len(script) - 2:
        return False
    if script[0] == 0:
        return script[1] in (20, 32)
    return OP_1 <= script[0] <= OP_16


def _witness_kind(version: int, length: int) -> str:
    if version == 0:
        return "witness_v0_keyhash" if length == HASH_BYTES else "witness_v0_scripthash"
    return "witness_v1_taproot" if (version, length) == (1, 32) else "witness_unknown"


def _multisig_keys(script: bytes) -> list[bytes]:
    """The keys of `m <key> ... <key> n CHECKMULTISIG`, empty where it is not that."""
    if len(script) < 3 or script[-1] != OP_CHECKMULTISIG:
        return []
    keys: list[bytes] = []
    at = 1
    while at < len(script) - 2 and script[at] in KEY_BYTES:
        keys.append(script[at + 1 : at + 1 + script[at]])
        at += 1 + script[at]
    wanted, given = script[0] - OP_1 + 1, script[-2] - OP_1 + 1
    return keys if at == len(script) - 2 and 1 <= wanted <= given == len(keys) <= 16 else []
