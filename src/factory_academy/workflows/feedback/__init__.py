"""What a trainee can read beyond the verdict."""
