"""What an exchange does not know of a customer, with the rule that asks for it, and how gaps are ranked."""
