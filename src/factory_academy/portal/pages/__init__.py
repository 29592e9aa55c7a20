"""The pages, a file for each role or part of them."""
