"""What is taken out of documents before somebody posts them: rules by keys, by places and by the form of a text."""
