-- Why two addresses are held to be one owner's: the transaction and the heuristic. The latest seen_us stands.
CREATE TABLE IF NOT EXISTS cluster_links
(
    chain LowCardinality(String),
    block_height UInt64,
    block_hash String,
    tx_hash String,
    position UInt32,
    at_us DateTime64(6, 'UTC'),
    seen_us DateTime64(6, 'UTC'),
    first String,
    second String,
    heuristic LowCardinality(String),
    confidence Float64,
    op Int8,
    stored_at DateTime('UTC') MATERIALIZED now('UTC'),
    INDEX by_first first TYPE bloom_filter GRANULARITY 1,
    INDEX by_second second TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(seen_us)
ORDER BY (chain, block_height, tx_hash, position, block_hash)
TTL stored_at + INTERVAL 5 YEAR
