"""DOOR: the factory-academy command."""
