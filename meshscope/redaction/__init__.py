"""Takes secrets out of documents before they are posted: rules by key, by place and by the form of a text."""
