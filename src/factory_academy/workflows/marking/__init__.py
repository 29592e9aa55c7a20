"""People mark what no machine can judge, and answer appeals."""
