"""Bitcoin-like chains."""
