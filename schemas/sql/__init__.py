"""The stored form of every record as ClickHouse DDL, one statement a file, applied in the order of their names.

Columns stand in the order and with the types of `schemas.columns`; a test compares them with DESCRIBE.
`stored_at` is not part of a record: the server fills it, and it starts the retention time, because the
times in a record come from outside (a replay of old blocks must not vanish, a forged date must not
keep a text for ever). Being MATERIALIZED it is not in `SELECT *`. Writing a row again restarts its time.
Sort keys come from the record only, so that the same row written twice folds to one. Tables have no
partitions: ClickHouse refuses a block that spans over 100 of them, and event times are not ours.
"""
