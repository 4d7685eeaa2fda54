-- What a stay in a let is about: when it begins, hours, where the guest lives, who else pays.
ALTER TABLE account_events
    ADD COLUMN IF NOT EXISTS starts_us DateTime64(6, 'UTC'),
    ADD COLUMN IF NOT EXISTS hours UInt8,
    ADD COLUMN IF NOT EXISTS home LowCardinality(String),
    ADD COLUMN IF NOT EXISTS payer String
