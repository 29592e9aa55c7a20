"""DOOR: inside a trainee's session."""
