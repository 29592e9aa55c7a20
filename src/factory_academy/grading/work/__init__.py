"""Handed-in notebooks as data: read, matched with ours, planned; pure functions."""
