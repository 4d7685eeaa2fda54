-- Append-only; the id makes a repeated write harmless. Kept as long as the alerts.
CREATE TABLE IF NOT EXISTS triage_actions
(
    action_id String,
    alert_id String,
    at_us DateTime64(6, 'UTC'),
    author LowCardinality(String),
    state LowCardinality(String),
    reason String,
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (alert_id, action_id)
TTL stored_at + INTERVAL 5 YEAR
