"""Label lists: what published sources say about addresses. `read.read_labels` is the door."""
