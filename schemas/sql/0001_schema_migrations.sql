-- Which of these files ran, when, and the SHA-256 of the statement, so that a later edit is seen.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    name String,
    digest String,
    applied DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY name
