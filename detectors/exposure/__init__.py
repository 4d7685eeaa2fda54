"""How much of what an account received, or sent, descends from labelled addresses. Start reading at `oracle`."""
