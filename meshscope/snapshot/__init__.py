"""Raw captured bytes of one moment and where they came from; nothing is decoded here."""
