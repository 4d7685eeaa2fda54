"""Debian's clickhouse-server as a plain loopback process with its own folder, ports and password."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers import clickhouse_path, find, free_port, port_answers, require, wait_until

PASSWORD = "p@ss/w:rd é"  # noqa: S105 - invented
QUOTED_PASSWORD = "p%40ss%2Fw%3Ard%20%C3%A9"  # noqa: S105 - the same in a URL

CONFIG = """<?xml version="1.0"?>
<yandex>
    <logger><level>information</level><log>{folder}/server.log</log><errorlog>{folder}/error.log</errorlog></logger>
    <listen_host>127.0.0.1</listen_host>
    <tcp_port>{tcp_port}</tcp_port>
    <tcp_port_secure>{tls_port}</tcp_port_secure>
    <http_port>{http_port}</http_port>
    <openSSL><server>
        <certificateFile>{certificates}/server.pem</certificateFile>
        <privateKeyFile>{certificates}/server.key</privateKeyFile>
        <verificationMode>none</verificationMode>
        <cacheSessions>true</cacheSessions>
        <disableProtocols>sslv2,sslv3</disableProtocols>
    </server></openSSL>
    <path>{folder}/data/</path>
    <tmp_path>{folder}/tmp/</tmp_path>
    <users_config>{folder}/users.xml</users_config>
    <default_profile>default</default_profile>
    <default_database>default</default_database>
    <mark_cache_size>67108864</mark_cache_size>
    <timezone>UTC</timezone>
</yandex>
"""
USERS = """<?xml version="1.0"?>
<yandex>
    <profiles><default>
        <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>
    </default></profiles>
    <users><default>
        <password>{password}</password>
        <networks><ip>127.0.0.1</ip></networks>
        <profile>default</profile>
        <quota>default</quota>
    </default></users>
    <quotas><default /></quotas>
</yandex>
"""


@dataclass(slots=True)
class Server:
    """One server; `kill` and `start` as often as wanted, its data stay."""

    folder: Path
    certificates: Path
    tcp_port: int
    tls_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [clickhouse_path(), f"--config-file={self.folder / 'config.xml'}"],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._is_ready, what="clickhouse-server to listen")

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None

    def url(self, *, database: str = "manumit", password: str = QUOTED_PASSWORD, options: str = "") -> str:
        return f"clickhouse://default:{password}@127.0.0.1:{self.tcp_port}/{database}{options}"

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"clickhouse-server ended: {(self.folder / 'error.log').read_text()[-2000:]}")
        return port_answers(self.tcp_port) and port_answers(self.tls_port)


@contextmanager
def running_server(folder: Path, certificates: Path) -> Iterator[Server]:
    """A new server in `folder`, killed at the end. Skips or fails where the program is missing."""
    server = Server(folder=folder, certificates=certificates, tcp_port=free_port(), tls_port=free_port())
    folder.mkdir(parents=True, exist_ok=True)
    config = CONFIG.format(
        folder=folder,
        certificates=certificates,
        tcp_port=server.tcp_port,
        tls_port=server.tls_port,
        http_port=free_port(),
    )
    (folder / "config.xml").write_text(config)
    (folder / "users.xml").write_text(USERS.format(password=PASSWORD))
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder / "data", ignore_errors=True)


def make_certificates(folder: Path) -> None:
    """ca.pem, and server.pem with server.key signed by it for 127.0.0.1; another-ca.pem that signed nothing."""
    openssl = require(find("openssl", variable="MANUMIT_OPENSSL", places=[]), "openssl: apt package openssl")
    (folder / "server.ext").write_text("subjectAltName = IP:127.0.0.1\n")
    new_key = ["-newkey", "rsa:2048", "-nodes"]
    for name in ("ca", "another-ca"):
        subject = ["-subj", f"/CN=manumit test {name}", "-days", "2"]
        run(folder, openssl, "req", "-x509", *new_key, *subject, "-keyout", f"{name}.key", "-out", f"{name}.pem")
    run(folder, openssl, "req", *new_key, "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "server.csr")
    signed_by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "server.ext"]
    run(folder, openssl, "x509", "-req", "-in", "server.csr", *signed_by, "-out", "server.pem")


def run(folder: Path, program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
