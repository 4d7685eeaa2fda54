-- A counter and nothing else: no text, no contact, no place, no kind.
CREATE TABLE IF NOT EXISTS child_referrals
(
    reference String,
    day_us DateTime64(6, 'UTC'),
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY reference
TTL stored_at + INTERVAL 2 YEAR
