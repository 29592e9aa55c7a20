"""Sources of `otter assign`, read as assignments of ours; nothing in them is executed."""
