"""Lines of a text: how they are written, folded, named, and given to another program. No widget in it."""
