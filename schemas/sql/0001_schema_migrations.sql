-- Which of these files ran, and when.
CREATE TABLE IF NOT EXISTS schema_migrations
(
    name String,
    applied DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY name
