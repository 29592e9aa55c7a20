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
                      '""" # END TEST CONFIG\nfor name in ("Bo", "Cy"):\n    greet(name)',
                      printed="Hello, Bo\nHello, Cy\n"),
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


def tables() -> NotebookNode:
    """Fenced marks, a data file, prompts of their own, points for each test, lines for the author alone, a class."""
    return source(
        "name: Tables\nfiles:\n  - data/rows.csv\nstudent_files: [notes.txt]\nrequirements: [numpy]\n"
        "generate:\n  seed: 42\nexport_cell:\n  files: [plot.png]\nsolutions_pdf: true",
        [
            new_code_cell("import numpy as np\nimport pandas as pd\n\nrows = pd.read_csv('data/rows.csv')"),
            new_code_cell("# IGNORE\nprint('for the author')"),
            new_markdown_cell("Read this.\n\n```otter\n# BEGIN QUESTION\nname: means\npoints:\n  each: 0.5\n```\n\n"
                              "**Means** by group."),
            new_raw_cell("# BEGIN PROMPT"),
            new_code_cell("means = rows...."),
            new_raw_cell("# END PROMPT"),
            new_raw_cell("# BEGIN SOLUTION"),
            new_code_cell("# BEGIN SOLUTION NO PROMPT\nmeans = rows.groupby('group')['x'].mean()\n"
                          "# END SOLUTION\nprint('seen') # IGNORE"),
            new_raw_cell("# END SOLUTION"),
            new_raw_cell("# BEGIN TESTS"),
            shown("means.loc['a']", "np.float64(1.5)"),
            shown("# HIDDEN\nlist(means.index)", "['a', 'b']"),
            shown("# HIDDEN\nnp.allclose(means, [1.5, 4.0])", "True"),
            new_raw_cell("# END TESTS"),
            new_raw_cell("# END QUESTION"),
        ],
        question(
            "name: counter",
            solution=[
                new_code_cell("class Counter:\n    def __init__(self):\n        self.n = 0 # SOLUTION\n\n"
                              "    # BEGIN SOLUTION NO PROMPT\n    def up(self):\n        self.n += 1\n"
                              "        return self.n\n    # END SOLUTION\n\n"
                              "np.random.seed(3) # SEED\nlucky = np.random.rand() # SOLUTION"),
                new_markdown_cell("A hint for markers."),
            ],
            tests=[
                shown("one, two = Counter(), Counter()\none.n = 5\nassert two.n == 0"),
                shown("c = Counter()\nassert c.up() == 1\nassert c.up() == 2\nc.n", "2"),
                shown("# hidden\nassert 0 <= lucky < 1"),
            ],
        ),
    )  # fmt: skip


FILES = {"tables": {"notes.txt": "mine", "data/rows.csv": "group,x\na,1\na,2\nb,4\n"}}
SUBMISSIONS: dict[str, dict[str, dict[str, str] | None]] = {
    "arithmetic": {
        "reference": None,
        "untouched": {},
        "some": {
            "q1-solution": "def square(x):\n    return x*x\nnine = 10",
            "q2-1-solution": "def greet(name):\n    print('Hello, Ada')",
            "q3-solution": "pair, third = (1, 2), 3\nlisted = [1, 2]",
        },
        "partial": {
            "q1-solution": "def square(x):\n    return 9\nnine = 9.0",
            "q2-1-solution": "def greet(name):\n    print(f'Hello, {name}')",
            "q3-solution": "pair, third = [1, 2], 3\nlisted = [1, 2]",
        },
    },
    "by_assertion": {
        "reference": None,
        "untouched": {},
        "some": {"q1-solution": "def mean(xs):\n    return sum(xs) // len(xs)", "q2-solution": "drawn = 6"},
        "other": {
            "q1-solution": "def mean(xs):\n    return sum(xs) / max(1, len(xs))",
            "q2-solution": "drawn = (rng_seed * 37) % 11",
        },
    },
    "tables": {
        "reference": None,
        "untouched": {},
        "loop": {
            "means-solution": "means = pd.Series({g: rows[rows.group == g].x.mean() for g in ['a', 'b']})",
            "counter-solution": "class Counter:\n    n = 0\n    def up(self):\n        self.n = self.n + 1\n"
            "        return self.n\n\nlucky = 0.5",
        },
        "wrong": {
            "means-solution": "means = rows.groupby('group')['x'].sum()",
            "counter-solution": "class Counter:\n    n = 0\n    def up(self):\n        Counter.n += 1\n"
            "        return Counter.n\n\nlucky = 1.5",
        },
    },
}
