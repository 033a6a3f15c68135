"""What is not known well enough to be rebuilt."""

from __future__ import annotations


class NotExactError(Exception):
    """Why something of a service is not rebuilt, in words."""
