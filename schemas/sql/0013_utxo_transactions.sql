-- Inputs and outputs whole, beside the transfers made of them. The row with the latest seen_us stands: op -1 is gone.
CREATE TABLE IF NOT EXISTS utxo_transactions
(
    chain LowCardinality(String),
    block_height UInt64,
    block_hash String,
    tx_hash String,
    position UInt32,
    at_us DateTime64(6, 'UTC'),
    seen_us DateTime64(6, 'UTC'),
    coinbase UInt8,
    fee UInt256,
    inputs String,
    outputs String,
    op Int8,
    stored_at DateTime('UTC') MATERIALIZED now('UTC')
)
ENGINE = ReplacingMergeTree(seen_us)
ORDER BY (chain, block_height, tx_hash, block_hash)
TTL stored_at + INTERVAL 5 YEAR
