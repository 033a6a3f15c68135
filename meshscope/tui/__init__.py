"""The terminal browser; the only room that knows Textual. Screens take immutable values and post typed messages."""
