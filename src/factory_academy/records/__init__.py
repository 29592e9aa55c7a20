"""ROOM: the only SQL."""
