-- Title and text go after 90 days, the facts read from them stay.
CREATE TABLE IF NOT EXISTS listings
(
    source LowCardinality(String),
    listing_id String,
    revision UInt32,
    kind LowCardinality(String),
    at_us DateTime64(6, 'UTC'),
    seen_us DateTime64(6, 'UTC'),
    title String TTL stored_at + INTERVAL 90 DAY,
    text String TTL stored_at + INTERVAL 90 DAY,
    language LowCardinality(String),
    place LowCardinality(String),
    prices String,
    contacts Array(String),
    wallets Array(String),
    payments Array(String),
    poster String,
    price_usd Nullable(Float64),
    stored_at DateTime('UTC') MATERIALIZED now('UTC'),
    INDEX by_contact contacts TYPE bloom_filter GRANULARITY 1,
    INDEX by_wallet wallets TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (source, listing_id, revision)
TTL stored_at + INTERVAL 2 YEAR
