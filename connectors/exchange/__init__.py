"""What exchanges hand over. Files of customers and account events are read by `connectors.files`."""
