-- The schema of the refused record; of one that may name people the payload is a keyed hash.
ALTER TABLE dead_letters
    ADD COLUMN IF NOT EXISTS record LowCardinality(String) DEFAULT ''
