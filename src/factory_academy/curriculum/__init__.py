"""ROOM: a courses folder on disk becomes courses and assignment bundles."""
