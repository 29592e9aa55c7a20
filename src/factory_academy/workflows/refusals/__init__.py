"""Which tests refuse to judge whom, and what an author can do about it."""
