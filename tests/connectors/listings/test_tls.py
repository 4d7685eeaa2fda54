"""Over TLS the address is the checked one and the certificate is held against the name, in feeds and crawls."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from manumit.connectors.listings.crawling.source import CrawlSource
from manumit.connectors.listings.feed import FeedSource
from manumit.connectors.listings.register import register
from manumit.schemas.errors import EdgeDown
from tests.connectors.listings.crawling.site import Answer, Clock, Site, entry, key, serving
from tests.connectors.listings.test_feed_parse import RSS


def certificate(folder: Path, *names: x509.GeneralName) -> Path:
    """A self-signed certificate and its key in one file."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "board")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    path = folder / "board.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def localhost(tmp_path: Path) -> Path:
    return certificate(tmp_path, x509.DNSName("localhost"))


@pytest.fixture
def site(localhost: Path) -> Iterator[Site]:
    with serving(localhost) as site:
        site.pages |= {"/feed": Answer(RSS), "/list": Answer(b"<p>nothing"), "/robots.txt": Answer(b"")}
        yield site


def feed(host: str, port: int, trusted: Path) -> FeedSource:
    netloc = f"{host}:{port}"
    verify = ssl.create_default_context(cafile=str(trusted))
    return FeedSource(
        url=f"https://{netloc}/feed",
        register=register([entry(netloc)]),
        client=lambda: httpx.Client(verify=verify, trust_env=False),
    )


def test_a_feed_is_held_against_its_name_and_not_its_address(site: Site, localhost: Path) -> None:
    assert len(next(feed("localhost", site.port, localhost).batches(None)).listings) == 2
    assert site.asked[0].headers["Host"] == f"localhost:{site.port}"
    count = len(site.asked)
    with pytest.raises(EdgeDown, match=r"(?i)certificate"):
        next(feed("127.0.0.1", site.port, localhost).batches(None))
    assert len(site.asked) == count


@pytest.mark.parametrize(("host", "is_trusted"), [("localhost", True), ("localhost", False), ("127.0.0.1", True)])
def test_a_crawl_asks_only_who_can_prove_the_name(
    site: Site, localhost: Path, tmp_path: Path, host: str, is_trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(localhost))
    netloc = f"{host}:{site.port}"
    source = CrawlSource(
        starts=[f"https://{netloc}/list"], register=register([entry(netloc)]), folder=tmp_path, key=key, now_us=Clock()
    )
    running = source.batches(None)
    if host == "localhost" and is_trusted:
        assert next(running).dead_letters == ()
        assert site.paths() == ["/robots.txt", "/list"]
    else:
        with pytest.raises(EdgeDown):
            for _ in running:
                pass
        assert site.asked == []
    source.stop()
    assert list(running) == []


def test_certificates_for_addresses_are_read(tmp_path: Path) -> None:
    own = certificate(tmp_path, x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    with serving(own) as site:
        site.pages["/feed"] = Answer(RSS)
        assert len(next(feed("127.0.0.1", site.port, own).batches(None)).listings) == 2
