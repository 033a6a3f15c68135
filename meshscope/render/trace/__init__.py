"""A trace for people: what is to be said of it (`outline`), painters of that, and its graph for other programs."""
