"""What verbs share: their options, read into the values that the rooms below speak of."""
