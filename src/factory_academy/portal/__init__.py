"""DOOR: the pages and the REST API of all roles."""
