"""Other people's forms: what we read and write of them."""
