"""The border between judge and trainee: requests, stand-ins, what may cross, and what is refused."""
