"""What a user sets for the browser, and what it keeps for the user."""
