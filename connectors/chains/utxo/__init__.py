"""Bitcoin-like chains: followed by block hash over JSON-RPC, transfers derived from inputs and outputs."""
