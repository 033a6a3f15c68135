"""Whether what people wrote is in effect, as the browser shows it. No widget in it."""
