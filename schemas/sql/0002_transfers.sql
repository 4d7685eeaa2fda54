-- A transfer and its taking back (op -1) are two rows.
CREATE TABLE IF NOT EXISTS transfers
(
    chain LowCardinality(String),
    block_height UInt64,
    block_hash String,
    tx_hash String,
    position UInt32,
    at_us DateTime64(6, 'UTC'),
    seen_us DateTime64(6, 'UTC'),
    sender String,
    receiver String,
    asset LowCardinality(String),
    amount UInt256,
    decimals UInt8,
    amount_usd Nullable(Float64),
    op Int8,
    finality LowCardinality(String),
    stored_at DateTime('UTC') MATERIALIZED now('UTC'),
    INDEX by_sender sender TYPE bloom_filter GRANULARITY 1,
    INDEX by_receiver receiver TYPE bloom_filter GRANULARITY 1,
    INDEX by_time at_us TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (chain, block_height, tx_hash, position, block_hash, op)
TTL stored_at + INTERVAL 5 YEAR
