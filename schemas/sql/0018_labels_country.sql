-- Where a labelled service is established.
ALTER TABLE labels
    ADD COLUMN IF NOT EXISTS country LowCardinality(String)
