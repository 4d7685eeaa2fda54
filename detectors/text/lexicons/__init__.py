"""Word lists as data: one TOML file a theme, with its sources and who reviewed it."""
