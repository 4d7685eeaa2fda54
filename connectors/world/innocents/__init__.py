"""People and businesses who do nothing wrong, and look a little as if they did."""
