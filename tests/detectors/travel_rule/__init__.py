"""Travel-rule judgement."""
