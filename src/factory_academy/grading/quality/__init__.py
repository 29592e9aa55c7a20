"""Fair points for stochastic work, and models judged from the files that were exported."""
