"""Inside the sandbox: runs a trainee's cells and answers what the judge asks. Nothing here is trusted."""
