# task: onb1-t3
# code: ONB1-M7
# loses: onb1-t3-hidden
# why: two statements about data and models are in the wrong component
# cell: onb1-t3-solution
def component_of(statement):
    """The component of an AI factory that a statement is about."""
    names = list(COMPONENTS)
    places = [0, 3, 2, 1, 3, 1, 2, 3, 2, 1, 2, 3]
    return {text: names[place] for text, place in zip(STATEMENTS, places, strict=True)}[statement]
