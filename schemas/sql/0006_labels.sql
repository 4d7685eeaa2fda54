-- A label that ends is the same row with an earlier valid_to_us. Kept long: history is judged with it.
CREATE TABLE IF NOT EXISTS labels
(
    subject String,
    category LowCardinality(String),
    name String,
    source LowCardinality(String),
    source_url String,
    listed_us DateTime64(6, 'UTC'),
    confidence Float64,
    valid_from_us DateTime64(6, 'UTC'),
    valid_to_us DateTime64(6, 'UTC'),
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (subject, category, source, name, valid_from_us)
TTL stored_at + INTERVAL 10 YEAR
