-- Hashes of photographs of rooms to let; no picture, and nothing of a person, is stored.
ALTER TABLE listings
    ADD COLUMN IF NOT EXISTS photos Array(String)
