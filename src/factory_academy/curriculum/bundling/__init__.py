"""From an author's notebooks to the bundle that is released and graded."""
