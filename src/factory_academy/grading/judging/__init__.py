"""The judge: runs test cells in a process that trainee code cannot reach, on data that it checks itself."""
