"""What authors write in tests: the parts of the module ``judge``."""
