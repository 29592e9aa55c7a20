"""Trials: forks the two processes of a run, watches them, and reads what the judge wrote."""
