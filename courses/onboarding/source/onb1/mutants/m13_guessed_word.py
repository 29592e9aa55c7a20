# task: onb1-t7
# code: ONB1-M11
# loses: onb1-t7-hidden
# why: a word, but not the one in the feedback
# cell: onb1-t7-solution
def word_from_feedback():
    """The word that the feedback of task 7 told me."""
    return "factory"
