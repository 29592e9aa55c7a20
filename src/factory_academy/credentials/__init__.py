"""ROOM: certificates become signed Open Badges 3.0 and back."""
