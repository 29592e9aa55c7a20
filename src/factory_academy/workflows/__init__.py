"""The hall: one verb a file, each a whole use case with no library in sight."""
