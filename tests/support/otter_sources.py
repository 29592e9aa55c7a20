"""Sources of `otter assign`, written as a person would, and what trainees might hand in for them."""

from __future__ import annotations

from collections.abc import Sequence

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

Cells = Sequence[NotebookNode]


def shown(source: str, value: str = "", printed: str = "") -> NotebookNode:
    """A test cell by example, with the output that it had for its author."""
    outputs = [new_output("stream", name="stdout", text=printed)] if printed else []
    if value:
        outputs.append(new_output("execute_result", data={"text/plain": value}))
    return new_code_cell(source, outputs=outputs)


def question(settings: str, *cells: NotebookNode, **blocks: Cells) -> list[NotebookNode]:
    """A question: what is asked, then its blocks (prompt, solution, tests) in the order given."""
    made = [new_raw_cell(f"# BEGIN QUESTION\n{settings}"), *cells]
    for name, inside in blocks.items():
        made += [new_raw_cell(f"# BEGIN {name.upper()}"), *inside, new_raw_cell(f"# END {name.upper()}")]
    return [*made, new_raw_cell("# END QUESTION")]


def source(settings: str, *parts: Cells) -> NotebookNode:
    """A source notebook of some parts."""
    made = new_notebook(
        cells=[new_raw_cell(f"# ASSIGNMENT CONFIG\n{settings}"), *(cell for part in parts for cell in part)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
    )
    return made


def arithmetic() -> NotebookNode:
    """Tests by example: shown and hidden, printed and valued, points of every kind; a text and a plot by hand."""
    return source(
        "name: Arithmetic\nshow_question_points: true",
        [new_markdown_cell("# Arithmetic"), new_code_cell("import math")],
        question(
            "name: q1\npoints: 2",
            new_markdown_cell("**Question 1.** Square a number."),
            solution=[
                new_code_cell(
                    "def square(x):\n    # BEGIN SOLUTION\n    y = x * x\n    return y\n    # END SOLUTION\n\n"
                    "nine = square(3) # SOLUTION"
                )
            ],
            tests=[
                shown("square(3)", "9"),
                shown("# HIDDEN\nfor i in range(3):\n    assert square(i) == i ** 2\nnine", "9"),
            ],
        ),
        question(
            "name: q2.1\npoints:\n  - 0\n  - 1\n  - 2.5",
            new_markdown_cell("**Question 2.** Greet."),
            solution=[
                new_code_cell('def greet(name):\n    """; # BEGIN PROMPT\n    ...\n    """; # END PROMPT\n'
                              "    print('Hello,', name) # SOLUTION NO PROMPT")
            ],
            tests=[
                shown("callable(greet)", "True"),
                shown("greet('Ada')", printed="Hello, Ada\n"),
                shown('""" # BEGIN TEST CONFIG\nhidden: true\nfailure_message: Greet anyone, not Ada alone.\n'
                      '""" # END TEST CONFIG\ngreet("Bo")\nprint("-")', printed="Hello, Bo\n-\n"),
            ],
        ),
        question(
            "name: q3\npoints: 3\nall_or_nothing: true",
            solution=[new_code_cell("pair, third = (1, 2), 3 # SOLUTION\nlisted = [1, 2] # SOLUTION")],
            tests=[shown("pair", "(1, 2)"), shown("# HIDDEN TEST\nassert third == 3"), shown("listed", "[1, 2]")],
        ),
        question(
            "name: q4\nmanual: true\npoints: 4",
            new_markdown_cell("Why?"),
            solution=[new_markdown_cell("Because the square of a negative number is positive.")],
        ),
        question(
            "name: q5\nmanual: true\npoints: 1",
            prompt=[new_code_cell("# draw here\n...")],
            solution=[new_code_cell("drawn = [square(x) for x in range(5)]")],
        ),
    )  # fmt: skip


def by_assertion() -> NotebookNode:
    """Tests by assertion, points claimed by tests and shared by the rest."""
    return source(
        "name: By assertion\ntests:\n  ok_format: false\nseed:\n  variable: rng_seed\n  autograder_value: 7\n"
        "  student_value: 1",
        [new_code_cell("rng_seed = 7")],
        question(
            "name: q1\npoints: 6",
            solution=[new_code_cell("def mean(xs):\n    return sum(xs) / len(xs) # SOLUTION")],
            tests=[
                new_code_cell("def test_mean(mean):\n    assert mean([1, 3]) == 2\n\ntest_mean(mean)"),
                new_code_cell(
                    '""" # BEGIN TEST CONFIG\npoints: 3\nhidden: true\n""" # END TEST CONFIG\n'
                    "def test_floats(mean):\n    assert abs(mean([0.5, 1.0]) - 0.75) < 1e-9"
                ),
                new_code_cell("# HIDDEN\ndef test_empty(env):\n    try:\n        env['mean']([])\n"
                              "    except ZeroDivisionError:\n        pass\n    else:\n        assert False"),
            ],
        ),
        question(
            "name: q2",
            solution=[new_code_cell("drawn = (rng_seed * 37) % 11 # SOLUTION")],
            tests=[new_code_cell("# HIDDEN\ndef test_drawn(drawn):\n    assert drawn == (7 * 37) % 11")],
        ),
    )  # fmt: skip
