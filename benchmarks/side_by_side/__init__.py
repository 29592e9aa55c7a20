"""One lab, one pile of submissions, and what each autograder makes of them."""
