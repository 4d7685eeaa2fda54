-- Snapshots of one customer follow each other.
CREATE TABLE IF NOT EXISTS customers
(
    exchange LowCardinality(String),
    customer_id String,
    at_us DateTime64(6, 'UTC'),
    tier LowCardinality(String),
    verification LowCardinality(String),
    jurisdiction LowCardinality(String),
    occupation LowCardinality(String),
    declared_income_usd Nullable(Float64),
    contacts Array(String),
    devices Array(String),
    documents Array(String),
    wallets Array(String),
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (exchange, customer_id, at_us)
TTL stored_at + INTERVAL 5 YEAR
