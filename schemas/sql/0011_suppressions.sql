-- Only an ended one ages out: a suppression in force must never lapse unseen.
CREATE TABLE IF NOT EXISTS suppressions
(
    suppression_id String,
    detector LowCardinality(String),
    subject String,
    author LowCardinality(String),
    reason String,
    from_us DateTime64(6, 'UTC'),
    until_us DateTime64(6, 'UTC'),
    active UInt8,
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY suppression_id
TTL stored_at + INTERVAL 5 YEAR DELETE WHERE active = 0
