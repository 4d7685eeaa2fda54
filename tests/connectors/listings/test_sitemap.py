"""Sitemaps of every form, and what is made of broken ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manumit.connectors.listings.sitemap import MOST_ADDRESSES, parse_sitemap

NAMED = b'<?xml version="1.0"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%s</urlset>'
ONE = b"<url><loc> http://board.example/ads/1 </loc><lastmod>2026-03-10</lastmod><priority>1</priority></url>"


def test_addresses_with_their_last_change() -> None:
    found = parse_sitemap(b"\xef\xbb\xbf" + NAMED % (ONE + b"<url><loc/></url>"))
    assert (found.pages, found.sitemaps, found.fault) == ((("http://board.example/ads/1", "2026-03-10"),), (), "")


def test_an_index_names_further_sitemaps() -> None:
    found = parse_sitemap(b"<sitemapindex><sitemap><loc>http://board.example/s.xml</loc></sitemap></sitemapindex>")
    assert (found.pages, found.sitemaps, found.fault) == ((), ("http://board.example/s.xml",), "")


def test_one_address_a_line() -> None:
    found = parse_sitemap(b"http://board.example/1\r\n\nhttps://board.example/2\n")
    assert [url for url, _ in found.pages] == ["http://board.example/1", "https://board.example/2"]
    assert parse_sitemap(b"<html>").fault
    assert parse_sitemap(b"not found").fault


@pytest.mark.parametrize(
    "raw",
    [
        (NAMED % ONE)[:-9],
        NAMED % (ONE + b"&nbsp;"),
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>" + b"<urlset>" + ONE + b"&a;</urlset>",
        b"<urlset>" + ONE + b"<a>" * 100_000,
    ],
)
def test_what_came_before_a_break_is_kept_and_the_break_is_told(raw: bytes) -> None:
    found = parse_sitemap(raw)
    assert found.fault
    assert len(found.pages) <= 1


def test_no_more_than_the_protocol_allows() -> None:
    found = parse_sitemap(b"<urlset>" + b"<url><loc>http://x/1</loc></url>" * (MOST_ADDRESSES + 1) + b"</urlset>")
    assert (len(found.pages), "more than" in found.fault) == (MOST_ADDRESSES, True)


@given(st.binary(max_size=200), st.integers(0, 120))
def test_any_bytes_are_read(raw: bytes, cut: int) -> None:
    for body in (raw, (NAMED % ONE)[:cut] + raw):
        found = parse_sitemap(body)
        assert found.fault or found.pages or not body.strip() or found.sitemaps == ()
