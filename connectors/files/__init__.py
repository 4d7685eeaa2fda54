"""Events from files: Parquet, NDJSON and CSV of our own schemas, and ethereum-etl's and GraphSense's shapes.

`survey.open_files` is the door. Bytes are fetched in `stream`, `parquet_rows` and `parquet_transfers`;
everything between bytes and events (`rows`, `own`, `etl`, `shapes`, `order`) is pure.
"""
