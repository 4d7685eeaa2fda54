"""Addresses in the one form the rest of manumit compares: checked, canonical. Pure.

EVM: EIP-55 (a mixed-case address must carry its checksum), kept in lower case. TRON: Base58Check
with version 0x41. Bitcoin family: Base58Check, bech32 (BIP-173), bech32m (BIP-350).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from manumit.schemas.base58 import decode_check, encode_check
from manumit.schemas.bech32 import segwit_program
from manumit.schemas.errors import BadRecord

ETHEREUM = "eip155:1"
TRON = "tron:0x2b6653dc"
BITCOIN = "bip122:000000000019d6689c085ae165831e93"
LITECOIN = "bip122:12a765e31ffd4059bada1e25190f6e98"
DASH = "bip122:00000ffd590b1485b3caadc19b22e637"
DOGECOIN = "bip122:1a91e3dace36e2be3bf030a65679fe82"
BITCOIN_TEST = "bip122:000000000933ea01ad0ee984209779ba"
BITCOIN_REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"
LITECOIN_REGTEST = "bip122:530827f38f93b43ed12af0b3ad25a288"

NOBODY = (
    "0x0000000000000000000000000000000000000000",  # minting and burning of tokens
    "0x000000000000000000000000000000000000dead",
    "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb",  # the same on TRON
)
"""Addresses nobody holds."""

EVM_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
TRON_HEX = re.compile(r"(?:0x|41|0x41)?([0-9a-fA-F]{40})", re.ASCII)
TRON_VERSION = b"\x41"
PAYLOAD_BYTES = 21


@dataclass(frozen=True, slots=True)
class BitcoinForm:
    """Base58 version bytes of keys and scripts and the bech32 prefix of one chain ("" where it has none).

    `old_script_version` is read and written as `script_version`: Litecoin's 3… and M… are the same script.
    """

    key_version: int
    script_version: int
    prefix: str
    old_script_version: int = -1


BITCOIN_FORMS = {
    BITCOIN: BitcoinForm(0x00, 0x05, "bc"),
    BITCOIN_TEST: BitcoinForm(0x6F, 0xC4, "tb"),
    BITCOIN_REGTEST: BitcoinForm(0x6F, 0xC4, "bcrt"),
    LITECOIN: BitcoinForm(0x30, 0x32, "ltc", old_script_version=0x05),
    LITECOIN_REGTEST: BitcoinForm(0x6F, 0x3A, "rltc", old_script_version=0xC4),
    DASH: BitcoinForm(0x4C, 0x10, ""),
    DOGECOIN: BitcoinForm(0x1E, 0x16, ""),
}
NAMELESS = re.compile(r"script\.[0-9a-f]{40}|coinbase\.reward", re.ASCII)
"""Parties of a Bitcoin-like chain that have no address: odd scripts, and who pays the miners."""


def normalise(chain: str, text: str) -> str:
    """The canonical address. Raises BadRecord("bad-address") when it is not one of this chain."""
    namespace = chain.partition(":")[0]
    address = None
    if namespace == "eip155":
        address = evm(text)
    elif namespace == "tron":
        address = tron(text)
    elif chain in BITCOIN_FORMS:
        address = bitcoin(text, BITCOIN_FORMS[chain])
    else:
        raise BadRecord("bad-address", f"chain {chain!r} is not one whose addresses manumit can check")
    if address is None:
        raise BadRecord("bad-address", f"{text[:100]!r} is not an address of {chain}, or its checksum is wrong")
    return address


def evm(text: str) -> str | None:
    """Lower case; mixed case only with a right EIP-55 checksum."""
    if EVM_ADDRESS.fullmatch(text) is None:
        return None
    digits, lower = text[2:], text.lower()
    if digits in (digits.lower(), digits.upper()):
        return lower
    from eth_utils.address import is_checksum_address  # slow to import, and seldom needed

    return lower if is_checksum_address(text) else None


def tron(text: str) -> str | None:
    """The T… form; the hex forms of TRON's own interfaces (41… and 0x…) become it."""
    if text.startswith("T"):
        payload = decode_check(text)
        return text if payload is not None and len(payload) == PAYLOAD_BYTES and payload[:1] == TRON_VERSION else None
    match = TRON_HEX.fullmatch(text)
    return tron_text(bytes.fromhex(match[1])) if match else None


def tron_text(account: bytes) -> str:
    """The T… form of a 20-byte account."""
    return encode_check(TRON_VERSION + account)


def bitcoin(text: str, form: BitcoinForm) -> str | None:
    """Base58 (an old script version becomes the present one), the bech32 address in lower case, a nameless party."""
    payload = decode_check(text)
    if payload is not None and len(payload) == PAYLOAD_BYTES and payload[0] == form.old_script_version:
        return encode_check(bytes([form.script_version]) + payload[1:])
    if payload is not None:
        known = payload[0] in (form.key_version, form.script_version)
        return text if len(payload) == PAYLOAD_BYTES and known else None
    if NAMELESS.fullmatch(text):
        return text
    if not form.prefix or text not in (text.lower(), text.upper()):
        return None
    lower = text.lower()
    return lower if segwit_program(lower, form.prefix) is not None else None


def account_address(chain: str, account: bytes) -> str:
    """The text form of a 20-byte EVM or TRON account."""
    return tron_text(account) if chain.startswith("tron:") else "0x" + account.hex()


def chain_of(text: str, *, among: tuple[str, ...] = (ETHEREUM, TRON, BITCOIN)) -> str | None:
    """The only chain among these whose address this is, else None."""
    fits = []
    for chain in among:
        try:
            normalise(chain, text)
        except BadRecord:
            continue
        fits.append(chain)
    plain = [chain for chain in fits if not (chain.startswith("tron:") and not text.startswith("T"))]
    return plain[0] if len(plain) == 1 else None
