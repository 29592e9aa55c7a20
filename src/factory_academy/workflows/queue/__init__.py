"""The queue as people meet it: how long it takes, what could not be graded, and how workers come and go."""
