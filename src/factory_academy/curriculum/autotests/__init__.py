"""AUTOTEST lines of nbgrader, written out as tests that can be read and judged."""
