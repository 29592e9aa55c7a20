"""Grading again: one submission, or all of an assignment after a correction, planned and looked at before it counts."""
