"""The cluster against a plain Faust agent: from the broker until an alert can be seen in the store."""
