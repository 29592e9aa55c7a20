"""The repositories, one noun a module. They never commit: the workflow owns the transaction."""
