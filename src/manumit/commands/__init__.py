"""The commands, by what they are for. Together with `cli` they are the only files that know every room."""
