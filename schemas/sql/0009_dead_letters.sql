-- Payloads are raw records of other people.
CREATE TABLE IF NOT EXISTS dead_letters
(
    letter_id String,
    source LowCardinality(String),
    place String,
    reason LowCardinality(String),
    message String,
    payload String,
    at_us DateTime64(6, 'UTC'),
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (source, letter_id)
TTL stored_at + INTERVAL 90 DAY
