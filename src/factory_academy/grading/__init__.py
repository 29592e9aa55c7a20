"""ROOM: a notebook goes through sandbox and judge and comes back as scores."""
