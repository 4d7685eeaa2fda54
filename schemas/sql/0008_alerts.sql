-- Revisions fold to the highest. stored_us is the cursor of live readers and no part of the key.
CREATE TABLE IF NOT EXISTS alerts
(
    alert_id String,
    revision UInt32,
    detector LowCardinality(String),
    version UInt32,
    entry LowCardinality(String),
    title String,
    domain LowCardinality(String),
    typology LowCardinality(String),
    severity LowCardinality(String),
    score Float64,
    subject String,
    roles String,
    state LowCardinality(String),
    withdrawn_reason String,
    opened_us DateTime64(6, 'UTC'),
    last_us DateTime64(6, 'UTC'),
    signals UInt32,
    suppressed UInt32,
    suppressed_by Array(String),
    evidence Array(String),
    values String,
    thresholds String,
    spans Array(String),
    label_sources Array(String),
    citations String,
    key_terms String,
    reason String,
    disclosable String,
    next_steps Array(String),
    innocent Array(String),
    expected_chance_matches Float64,
    stored_us DateTime64(6, 'UTC'),
    stored_at DateTime('UTC') MATERIALIZED now('UTC'),
    INDEX by_stored stored_us TYPE minmax GRANULARITY 1,
    INDEX by_subject subject TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(revision)
ORDER BY alert_id
TTL stored_at + INTERVAL 5 YEAR
