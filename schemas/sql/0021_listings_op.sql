-- -1: the source took the advert down.
ALTER TABLE listings
    ADD COLUMN IF NOT EXISTS op Int8 DEFAULT 1
