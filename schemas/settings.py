"""Every setting there is. `streams.configuration` reads it from one TOML file and MANUMIT_… variables."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


def said(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chain node to follow."""

    name: Annotated[str, said("how checkpoints and dead letters call it")]
    url: Annotated[
        str,
        said("JSON-RPC over HTTP, `user:password@` before the host where one is wanted; several with commas between"),
    ]
    chain: Annotated[
        str,
        said(
            "CAIP-2 id, which the node must confirm: `eip155:…`, `tron:0x2b6653dc`, `bip122:…` for Bitcoin and its kin"
        ),
    ] = "eip155:1"
    websocket_url: Annotated[str, said("wakes the follower at each new head; empty: polling only")] = ""
    start_height: Annotated[int | None, said("first block; left out: the head at the first start")] = None
    confirmations: Annotated[
        int | None, said("depth after which a block is final and kept hashes end; left out: 64, Bitcoin-like chains 6")
    ] = None
    poll_s: Annotated[float, said("seconds between looks at the head")] = 2.0
    finalized_tag: Annotated[
        str | None, said("block tag the node itself calls final; left out: `finalized` on TRON, none elsewhere")
    ] = None
    native: Annotated[bool, said("also read value transfers of the coin, which needs receipts")] = True
    wallet_url: Annotated[
        str, said("TRON with `native`: the node's HTTP interface, which alone tells TRX payments from votes and stakes")
    ] = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one process; `MANUMIT_` and the name in capitals sets one from the environment."""

    store_url: Annotated[str, said("`embedded:FOLDER` or `clickhouse://user:password@host:9000/database`")] = (
        "embedded:var/store"
    )
    state_dir: Annotated[str, said("checkpoints and what a follower needs after a restart")] = "var/state"
    token_key_file: Annotated[str, said("HMAC key of contact tokens, made on first use; keep it outside the store")] = (
        "var/token.key"  # noqa: S105 - a path, not a secret
    )
    host: Annotated[str, said("address of the console; loopback only")] = "127.0.0.1"
    port: Annotated[int, said("port of the console; 0 lets the system choose")] = 8717
    inputs: Annotated[tuple[str, ...], said("files or folders to read; commas between in the environment")] = ()
    feeds: Annotated[tuple[str, ...], said("URLs of advert feeds (RSS, Atom, JSON Feed)")] = ()
    feed_poll_s: Annotated[float, said("seconds between looks at a feed")] = 300.0
    crawls: Annotated[
        tuple[str, ...],
        said("pages and sitemaps to crawl from; their hosts have a `[source.crawl]` in the source register"),
    ] = ()
    bookings_push: Annotated[bool, said("take bookings of short lets at `POST /v1/bookings`")] = False
    source_register: Annotated[str, said("hosts that may be read, with the legal basis")] = "deploy/sources.toml"
    labels: Annotated[tuple[str, ...], said("label lists or folders of them")] = ()
    adverse_media: Annotated[
        tuple[str, ...], said("FollowTheMoney files of people and firms; matched by keyed tokens, never a name alone")
    ] = ()
    label_mode: Annotated[
        Literal["as-of", "today"], said("`as-of` reads a label within its validity, `today` at any time")
    ] = "as-of"
    child_terms: Annotated[
        str, said("hashed terms that send an advert to child protection, made by `manumit child-wording hash`")
    ] = ""
    child_hotlines: Annotated[
        tuple[str, ...], said("where wording of children is to be reported, shown by `manumit child-wording show`")
    ] = (
        "INHOPE (hotlines by country) https://www.inhope.org",
        "NCMEC CyberTipline (United States) https://report.cybertip.org",
        "Internet Watch Foundation (United Kingdom) https://report.iwf.org.uk",
        "Cybertip.ca (Canada) https://www.cybertip.ca",
    )
    rates: Annotated[tuple[str, ...], said("daily USD rates, `SYMBOL=FILE` each; no rate: USD is null")] = ()
    model: Annotated[str, said("model file written by `manumit train`; empty: the scorer rests")] = ""
    streaming_model: Annotated[
        str, said("model file written by `manumit train --streaming`; empty: its scorer rests")
    ] = ""
    marked_model: Annotated[str, said("model file written by `manumit train --marked`; empty: its scorer rests")] = ""
    advert_model: Annotated[
        str, said("model file written by `manumit train --adverts`; empty: job adverts are not scored")
    ] = ""
    nodes: Annotated[tuple[NodeSettings, ...], said("chain nodes to follow")] = ()
    thresholds: Annotated[
        dict[str, dict[str, float]], said('per detector, for example `{"tx-funnel-fan-in": {"min_senders_week": 12}}`')
    ] = {}
    disabled: Annotated[tuple[str, ...], said("detectors that do not run")] = ()
    allowed_lateness_s: Annotated[int, said("how long a silent live source may hold back the others")] = 60
    checkpoint_every_s: Annotated[float, said("shortest time between checkpoints")] = 10.0
    snapshots: Annotated[
        str, said("where workers put their state: a folder, `s3://…`, `gcs://…`; empty: rebuilt from the log each time")
    ] = ""
    snapshot_every_s: Annotated[float, said("shortest time between snapshots of a partition")] = 60.0
    metrics_host: Annotated[str, said("address on which a worker shows its metrics")] = "127.0.0.1"
    metrics_port: Annotated[int, said("port of a worker's metrics, health and readiness; 0: none")] = 0
