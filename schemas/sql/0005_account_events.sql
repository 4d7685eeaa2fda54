-- Notes are free text of people and go after 90 days.
CREATE TABLE IF NOT EXISTS account_events
(
    exchange LowCardinality(String),
    account_event_id String,
    customer_id String,
    at_us DateTime64(6, 'UTC'),
    kind LowCardinality(String),
    channel LowCardinality(String),
    counterparty String,
    amount_usd Nullable(Float64),
    device String,
    place LowCardinality(String),
    note String TTL stored_at + INTERVAL 90 DAY,
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (exchange, customer_id, account_event_id)
TTL stored_at + INTERVAL 5 YEAR
