"""nbgrader's gradebook as a projection of our records: written for formgrader and exporters, read back for marks."""
