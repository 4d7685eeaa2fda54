-- Append-only; the id makes a repeated write harmless.
CREATE TABLE IF NOT EXISTS access_records
(
    access_id String,
    at_us DateTime64(6, 'UTC'),
    author LowCardinality(String),
    subject String,
    purpose String,
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (subject, access_id)
TTL stored_at + INTERVAL 5 YEAR
