"""Deadlines, late policies and personal extensions."""
