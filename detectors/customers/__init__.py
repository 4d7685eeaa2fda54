"""What an exchange knows of its customers, as it stands at each event: columns, sliding windows, state."""
