"""A ClickHouse server for tests: the native protocol in front of the embedded engine.

The engine (chDB) cannot listen. This program speaks the protocol of a current server (revision 54468)
and runs every statement on chDB, so that the driver's transport meets the modern schema. It is a process
of its own, since one process has one engine:

    python -m tests.connectors.store.native_bridge FOLDER PASSWORD [PORT]

It prints its port and serves on loopback until its standard input closes. What it does not prove
(TLS, failover, the server's own quirks) is proved on Debian's real server in test_wire.py.
Protocol: https://clickhouse.com/docs/native-protocol/basics
"""

from __future__ import annotations

import json
import re
import socket
import socketserver
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clickhouse_driver import defines
from clickhouse_driver.block import BlockInfo, ColumnOrientedBlock
from clickhouse_driver.bufferedreader import BufferedSocketReader
from clickhouse_driver.bufferedwriter import BufferedSocketWriter
from clickhouse_driver.compression import get_compressor_cls
from clickhouse_driver.protocol import ClientPacketTypes, ServerPacketTypes
from clickhouse_driver.reader import read_binary_str, read_binary_uint8, read_binary_uint64
from clickhouse_driver.streams.compressed import CompressedBlockInputStream, CompressedBlockOutputStream
from clickhouse_driver.streams.native import BlockInputStream, BlockOutputStream
from clickhouse_driver.varint import read_varint, write_varint
from clickhouse_driver.writer import write_binary_int32, write_binary_str, write_binary_uint8, write_binary_uint64

from manumit.connectors.store.engine import Engine
from manumit.connectors.store.faults import code_of
from manumit.connectors.store.native import Columns, codec_context, decode, encode

REVISION = defines.CLIENT_REVISION
VERSION = (26, 9, 2)
BUFFER_BYTES = 1 << 20
NO_SUCH_COLUMN = 16
WRONG_PASSWORD = 516
INSERT = re.compile(r"\s*(insert\s+into\s+(`?\w+`?)\s*\(([^)]*)\))\s*values\s*", re.IGNORECASE)
FIELD_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
FIELD_ESCAPES = {"b": "\b", "f": "\f", "r": "\r", "n": "\n", "t": "\t", "0": "\0", "a": "\a", "v": "\v"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    sql: str
    settings: Mapping[str, str]
    parameters: Mapping[str, str]
    is_compressed: bool


class Refused(Exception):
    """Goes to the client as an Exception packet."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Conversation(socketserver.BaseRequestHandler):
    """One client connection, with an engine session of its own."""

    server: Bridge

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.incoming = BufferedSocketReader(self.request, BUFFER_BYTES)
        self.outgoing = BufferedSocketWriter(self.request, BUFFER_BYTES)
        try:
            self.greet()
            while self.answer_packet():
                self.outgoing.flush()
        except Refused as refusal:
            self.send_exception(refusal)
        except (EOFError, ConnectionError):
            return

    def greet(self) -> None:
        assert read_varint(self.incoming) == ClientPacketTypes.HELLO
        read_binary_str(self.incoming)
        for _ in ("major", "minor", "revision"):
            read_varint(self.incoming)
        database, _user, password = (read_binary_str(self.incoming) for _ in range(3))
        if password != self.server.password:
            raise Refused(WRONG_PASSWORD, "Authentication failed: password is incorrect")
        self.session = self.server.engine.session()
        if database:
            self.run(f"use `{database}`")
        self.send_hello()
        read_binary_str(self.incoming)  # addendum: quota key

    def send_hello(self) -> None:
        self.send_packet(ServerPacketTypes.HELLO, "ClickHouse")
        for part in (*VERSION[:2], REVISION):
            write_varint(part, self.outgoing)
        for text in ("UTC", "native bridge"):
            write_binary_str(text, self.outgoing)
        for part in (VERSION[2], 0):  # patch, number of password rules
            write_varint(part, self.outgoing)
        write_binary_uint64(0, self.outgoing)  # nonce
        self.outgoing.flush()

    def answer_packet(self) -> bool:
        """False when the client is gone."""
        try:
            kind = read_varint(self.incoming)
        except EOFError:
            return False
        if kind == ClientPacketTypes.PING:
            self.send_packet(ServerPacketTypes.PONG)
        elif kind == ClientPacketTypes.QUERY:
            self.answer(self.read_query())
        return kind in (ClientPacketTypes.PING, ClientPacketTypes.QUERY, ClientPacketTypes.CANCEL)

    def read_query(self) -> Query:
        read_binary_str(self.incoming)  # query id
        self.skip_client_info()
        settings = self.read_settings()
        read_binary_str(self.incoming)  # interserver secret
        read_varint(self.incoming)  # stage
        is_compressed = bool(read_varint(self.incoming))
        sql = read_binary_str(self.incoming)
        parameters = {name: field_text(value) for name, value in self.read_settings().items()}
        return Query(sql=sql, settings=settings, parameters=parameters, is_compressed=is_compressed)

    def skip_client_info(self) -> None:
        assert read_binary_uint8(self.incoming) == 1  # initial query
        for _ in ("user", "query id", "address"):
            read_binary_str(self.incoming)
        read_binary_uint64(self.incoming)  # start time
        assert read_binary_uint8(self.incoming) == 1  # TCP
        for _ in ("os user", "host", "client"):
            read_binary_str(self.incoming)
        for _ in ("major", "minor", "revision"):
            read_varint(self.incoming)
        read_binary_str(self.incoming)  # quota key
        for _ in ("distributed depth", "patch"):
            read_varint(self.incoming)
        assert read_binary_uint8(self.incoming) == 0  # no trace
        for _ in ("collaborate", "replicas", "number of this replica"):
            read_varint(self.incoming)

    def read_settings(self) -> dict[str, str]:
        settings = {}
        while name := read_binary_str(self.incoming):
            read_binary_uint8(self.incoming)  # flags
            settings[name] = read_binary_str(self.incoming)
        return settings

    def answer(self, query: Query) -> None:
        self.open_streams(query)
        while self.read_block().num_columns:
            pass  # external tables; an empty block ends them
        insert = INSERT.fullmatch(query.sql)
        if insert:
            self.insert(*insert.groups(), settings=query.settings)
        else:
            self.select(query)
        self.send_packet(ServerPacketTypes.END_OF_STREAM)

    def open_streams(self, query: Query) -> None:
        context = codec_context(REVISION)
        self.plain_out = BlockOutputStream(self.outgoing, context)
        if query.is_compressed:
            self.blocks_in = CompressedBlockInputStream(self.incoming, context)
            lz4 = get_compressor_cls("lz4")
            self.blocks_out = CompressedBlockOutputStream(lz4, BUFFER_BYTES, self.outgoing, context)
        else:
            self.blocks_in = BlockInputStream(self.incoming, context)
            self.blocks_out = self.plain_out

    def insert(self, head: str, table: str, names: str, *, settings: Mapping[str, str]) -> None:
        columns = self.column_types(table, [name.strip(" `") for name in names.split(",")])
        self.send_header(columns)
        with (
            refusals_of(self.server.engine),
            self.session.send_insert(f"{head} {settings_clause(settings)}", "Native") as stream,
        ):
            while (block := self.read_block()).num_rows:
                stream.append(encode(columns, block.get_columns()))
                self.send_profile_events()
            stream.finish()
        self.send_profile_events()

    def column_types(self, table: str, names: list[str]) -> list[tuple[str, str]]:
        described = json.loads(self.run(f"describe table {table}", form="JSONCompact"))
        types = {row[0]: row[1] for row in described["data"]}
        missing = [name for name in names if name not in types]
        if missing:
            raise Refused(NO_SUCH_COLUMN, f"No such column {missing[0]} in table {table}")
        return [(name, types[name]) for name in names]

    def select(self, query: Query) -> None:
        raw = self.run(query.sql, parameters=query.parameters)
        for place, (columns, values) in enumerate(decode(raw)):
            if place == 0:
                self.send_header(columns)  # a server names the columns first
            self.send_block(ColumnOrientedBlock(list(columns), [list(column) for column in values]))

    def run(self, sql: str, *, form: str = "Native", parameters: Mapping[str, str] | None = None) -> bytes:
        with refusals_of(self.server.engine):
            return bytes(self.session.query(sql, form, params=dict(parameters or {})).bytes())

    def read_block(self) -> Any:
        kind = read_varint(self.incoming)
        assert kind == ClientPacketTypes.DATA, f"packet {kind} where a block should be"
        read_binary_str(self.incoming)  # table
        return self.blocks_in.read()

    def send_block(self, block: Any) -> None:
        self.send_packet(ServerPacketTypes.DATA, "")
        self.blocks_out.write(block)
        self.outgoing.flush()

    def send_header(self, columns: Columns) -> None:
        """A block without rows; the driver's own writer only knows blocks with rows."""
        self.send_packet(ServerPacketTypes.DATA, "")
        fout = self.blocks_out.fout
        BlockInfo().write(fout)
        write_varint(len(columns), fout)
        write_varint(0, fout)
        for name, of in columns:
            write_binary_str(name, fout)
            write_binary_str(of, fout)
            write_binary_uint8(0, fout)  # no custom serialization
        self.blocks_out.finalize()
        self.outgoing.flush()

    def send_profile_events(self) -> None:
        self.send_packet(ServerPacketTypes.PROFILE_EVENTS, "")
        self.plain_out.write(ColumnOrientedBlock())
        self.outgoing.flush()

    def send_exception(self, refusal: Refused) -> None:
        write_varint(ServerPacketTypes.EXCEPTION, self.outgoing)
        write_binary_int32(refusal.code, self.outgoing)
        for text in ("DB::Exception", str(refusal), ""):
            write_binary_str(text, self.outgoing)
        write_binary_uint8(0, self.outgoing)  # no nested exception
        self.outgoing.flush()

    def send_packet(self, kind: int, *texts: str) -> None:
        write_varint(kind, self.outgoing)
        for text in texts:
            write_binary_str(text, self.outgoing)


@contextmanager
def refusals_of(engine: Engine) -> Iterator[None]:
    try:
        yield
    except engine.refusals as error:
        raise Refused(code_of(str(error)), str(error)) from error


class Bridge(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, engine: Engine, password: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Conversation)
        self.engine = engine
        self.password = password


def field_text(dump: str) -> str:
    """A parameter travels as a quoted literal; its text is in the escaped form the engine parses."""
    assert dump.startswith("'")
    assert dump.endswith("'")
    return FIELD_ESCAPE.sub(lambda found: FIELD_ESCAPES.get(found.group(1), found.group(1)), dump[1:-1])


def settings_clause(settings: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
    return f"settings {pairs}" if pairs else ""


def main(folder: str, password: str, port: str = "0") -> None:
    engine = Engine(Path(folder))
    with Bridge(engine, password, int(port)) as bridge:
        threading.Thread(target=bridge.serve_forever, daemon=True).start()
        print(bridge.server_address[1], flush=True)
        sys.stdin.read()  # the test holds our standard input open as long as it lives
        bridge.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
