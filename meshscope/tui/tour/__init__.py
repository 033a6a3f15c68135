"""A tour of the browser on the bundled recording."""
