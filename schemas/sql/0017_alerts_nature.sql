-- A control finding is no suspicion, and what concerns minors is for restricted eyes.
ALTER TABLE alerts
    ADD COLUMN IF NOT EXISTS nature LowCardinality(String)
