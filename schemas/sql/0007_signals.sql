-- Spans quote adverts and go after 90 days; what an alert needs of them stands in the alert.
CREATE TABLE IF NOT EXISTS signals
(
    detector LowCardinality(String),
    version UInt32,
    subject String,
    event_id String,
    at_us DateTime64(6, 'UTC'),
    score Float64,
    values String,
    evidence Array(String),
    spans Array(String) TTL stored_at + INTERVAL 90 DAY,
    label_sources Array(String),
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (detector, version, subject, event_id)
TTL stored_at + INTERVAL 2 YEAR
