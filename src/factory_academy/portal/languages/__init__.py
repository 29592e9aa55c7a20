"""What the grader says to trainees, in their language. A language is one file: English sentence = its translation."""
