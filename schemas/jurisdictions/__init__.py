"""One TOML file a jurisdiction: what it asks of a transfer and of a customer, each value with source and date."""
