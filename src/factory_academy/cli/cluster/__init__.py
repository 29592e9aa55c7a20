"""Grading on a cluster: the same unit of work as the embedded workers, placed by Dask. The database stays the truth."""
