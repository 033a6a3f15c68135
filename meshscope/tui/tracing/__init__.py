"""Requests as they are typed, followed and shown. No widget in it."""
