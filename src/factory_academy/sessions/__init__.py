"""What a session may be given: profiles from a file, and the devices of this machine."""
