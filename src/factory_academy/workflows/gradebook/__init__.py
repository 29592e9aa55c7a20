"""nbgrader's gradebook kept in step with the records: marks made in formgrader come in, everything else goes out."""
