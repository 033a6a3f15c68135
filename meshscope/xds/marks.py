"""Marks on message types, by which `leniency` recognises what it may put right."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

UNREAD = "@unread"
"""The key of the names of a matcher's unknown fields; no field of protobuf can have it."""

FLAW = "@flaw"
"""The key of why a message reads in part only; no document has it."""

ENUM = {"enum": True}
Enum = Annotated[str, Meta(extra=ENUM)]
"""A value of an enum: its name, or its number in digits where the document has that."""
