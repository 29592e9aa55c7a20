"""Attacks that somebody found who did not build the judge. Each gained something once; none may again."""

import io
import json
import textwrap
import zipfile
from dataclasses import dataclass

import pytest
from tests.support.grading_work import (
    answer,
    answers,
    assignment,
    check,
    code,
    given,
    hidden_part,
    reference,
    submission,
)

from factory_academy.domain.bundle import GradingLimits
from factory_academy.domain.submission import SubmissionState

LIMITS = GradingLimits(cell_seconds=8, total_seconds=30, memory_bytes=900 << 20, processes=40, output_bytes=5_000)
LIAR = """
from factory_academy.grading.answering import desk
class Liar:
    def __iter__(self): return iter(())
    def __next__(self): raise StopIteration
    def __call__(self, *args, **kwargs): return True
    def __getattr__(self, name):
        if name.startswith('_'): raise AttributeError(name)
        return Liar()
before = desk._kind
desk._kind = lambda value: 'iterator' if type(value) is Liar else before(value)
"""
ORDER = "def order(xs):\n    return sorted(xs)"
LYING_COMMAND = """
from factory_academy.grading.answering import service
from factory_academy.grading.data import wire
before, asked, held, sent = service.Service._answer, [], [], wire.Wire.send
def answering(self, message, buffers):
    asked.append(message['op'])
    if message['op'] != '{op}':
        before(self, message, buffers)
        held[:] = [tag for tag, value in self._shared.values.items() if type(value) is list]
        return
    before(self, message, buffers)
def sending(self, tree, buffers=(), deadline=None):
    if asked[-1:] == ['{op}'] and 'n' in tree:
        tree['upd'] = [[tag, ['l']] for tag in held]
    return sent(self, tree, buffers, deadline)
service.Service._answer, wire.Wire.send = answering, sending
"""


@dataclass(frozen=True)
class Case:
    """An assignment, the answer of its author, and one that must not earn more than ``earns`` of its hidden test."""

    solution: str
    hidden: str
    attack: str
    given: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    shown: str = "1"
    earns: float = 0
    own: str = ""

    def bundle(self):
        return assignment(
            *(given(source) for source in self.given),
            answer("a", f"### BEGIN SOLUTION\n{textwrap.dedent(self.solution)}\n### END SOLUTION"),
            *(given(source, f"given{place}") for place, source in enumerate(self.after)),
            check("shown", self.shown, 1),
            check("hidden", hidden_part(textwrap.dedent(self.hidden)), 4),
            limits=LIMITS,
        )


CASES = {
    "an-iterator-that-answers-as-a-table": Case(
        "def totals(df):\n    return df.groupby('k', as_index=False)['v'].sum()",
        """
        table = pd.DataFrame({'k': ['a', 'b', 'a'], 'v': [7193, 2, 1]})
        got = totals(table)
        assert got.equals(pd.DataFrame({'k': ['a', 'b'], 'v': [7194, 2]}))
        """,
        LIAR + "def totals(df):\n    return Liar()",
        given=("import pandas as pd",),
    ),
    "an-iterator-that-is-a-number": Case(
        "def name(x):\n    return 'n' + str(x)",
        "assert name(7193).startswith('n71') and name(7193).isidentifier()",
        LIAR + "def name(x):\n    return Liar()",
    ),
    "a-method-whose-result-answers-like-its-object": Case(
        "import pandas as pd\nclass Cleaner:\n    def clean(self, df):\n        return df.dropna()",
        """
        got = Cleaner().clean(pd.DataFrame({'v': [7193.0, None]}))
        assert got.equals(pd.DataFrame({'v': [7193.0]}))
        """,
        """
        class Cleaner:
            def clean(self, df):
                return self
            def equals(self, other):
                return True
        """,
        given=("import pandas as pd",),
    ),
    "names-of-a-given-cell-that-was-made-to-fail": Case(
        ORDER,
        "assert results == expected",
        """
        def order(xs):
            if names_are_mine: raise ValueError
            return []
        names_are_mine = False
        """,
        after=(
            "cases = [[3, 1], [2, 7]]\nresults = [order(case) for case in cases]\n"
            "expected = [sorted(case) for case in cases]",
        ),
        own="names_are_mine = True\nresults = expected = 1",
    ),
    "a-given-table-emptied-while-a-given-cell-runs": Case(
        ORDER,
        "assert result == sorted(data)\nassert all(x in result for x in data)",
        "def order(xs):\n    xs.clear()\n    return []",
        after=("data = [3, 1, 7193]\nresult = order(data)",),
    ),
    "a-given-list-emptied-when-all-is-to-be-forgotten": Case(
        ORDER,
        "assert order(data) == sorted(data)\nassert all(x in order(data) for x in data)",
        LYING_COMMAND.format(op="forget") + "def order(xs):\n    return sorted(xs) if len(xs) < 3 else []",
        given=("data = [3, 1, 7193]",),
        shown="order(data)\n1",
    ),
    "a-second-try-counted-on-top-of-the-first": Case(
        ORDER,
        "for xs in ([3, 1], [7, 5], [9, 8], [6, 2]):\n    tally += order(xs) == sorted(xs)\ntally",
        """
        def order(xs):
            if xs in ([3, 1], [7, 5]):
                return sorted(xs)
            xs.reverse()
            xs.append(0)
            return []
        """,
        given=("tally = 0",),
        earns=2,
    ),
    "a-list-emptied-before-the-test-asks-for-what-it-trusts": Case(
        ORDER,
        """
        got = order(data)
        assert judge.trusted('limit') == 5 and got == sorted(data)
        """,
        "def order(xs):\n    xs.clear()\n    return []",
        given=("import judge\ndata = [3, 1, 7193]", "limit = 5"),
    ),
    "noise-read-off-the-judge-s-own-generator": Case(
        "import numpy as np\ndef denoise(x):\n    return np.sin(np.linspace(0, 6, len(x)))",
        """
        clean = np.sin(np.linspace(0, 6, 50))
        assert np.abs(denoise(clean + np.random.normal(0, 1, 50)) - clean).max() < 1e-6
        """,
        """
        import numpy as np
        begin = np.random.get_state()
        def denoise(x):
            name, keys, place, *_ = np.random.get_state()
            for state in (begin, *((name, keys, back, 0, 0.0) for back in range(place, -1, -1))):
                again = np.random.RandomState()
                again.set_state(state)
                clean = x - again.normal(0, 1, len(x))
                if np.abs(np.diff(clean)).max() < 0.2:
                    return clean
            return x
        """,
        given=("import numpy as np",),
    ),
    "a-second-try-when-the-first-was-unlucky": Case(
        ORDER,
        """
        xs = [3, 1]
        points = 4 if order(xs) == [1, 3] else 2
        points
        """,
        """
        tries = []
        def order(xs):
            tries.append(1)
            if len(tries) == 1:
                xs.reverse()
                xs.append(1)
            return [1, 3] if len(tries) > 1 else []
        """,
        earns=2,
    ),
}


@pytest.fixture(scope="module")
def recorded(autograder):
    return {name: autograder.record_contract(case.bundle()) for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_an_attack_that_once_gained_points_gains_none(autograder, recorded, name):
    case, bundle = CASES[name], recorded[name]
    work = answers(bundle, a=textwrap.dedent(case.attack))
    if case.own:
        work = with_last_cell(work, case.own)
    outcome = autograder.grade(bundle, work, 1)
    hidden = next(task for task in outcome.tasks if task.task_id == "hidden")
    assert hidden.earned <= case.earns, (hidden, outcome.cells)


@pytest.mark.parametrize("name", CASES)
def test_the_author_s_own_work_still_earns_all_of_it(autograder, recorded, name):
    outcome = autograder.grade(recorded[name], reference(recorded[name]), 1)
    assert [task.earned for task in outcome.tasks] == [1, 4], outcome.tasks


def with_last_cell(work, source):
    """A submission with one more cell of the trainee's own before its tests."""
    with zipfile.ZipFile(io.BytesIO(work)) as archive:
        cells = json.loads(archive.read("work.ipynb"))["cells"]
    return submission(*cells[:-2], code(source), *cells[-2:])


LEAKS = {
    "by-a-shape": ("import numpy as np\ndef order(xs):\n    return np.empty((0, *xs))", "judge.equal(order(xs), {})"),
    "by-a-length": ("def order(xs):\n    return [0] * xs[0]", "judge.equal(order(xs), {})"),
    "by-the-name-of-a-class": (
        "import collections\ndef order(xs):\n    return collections.namedtuple('_'.join(['L', *map(str, xs)]), 'a')(1)",
        "judge.equal(order(xs), {})",
    ),
    "by-how-much-was-changed": (
        "def order(xs):\n    xs[:] = [0] * (xs[0] * 2)\n    return []",
        "with judge.no_mutation(xs):\n    order(xs)\nassert order(xs) == {}",
    ),
    "by-a-name-inside-a-file": (
        "import json, struct\ndef order(xs):\n    head = json.dumps({{str(xs): 1}}).encode()\n"
        "    open('m.safetensors', 'wb').write(struct.pack('<Q', len(head)) + head)\n    return []",
        "order(xs)\njudge.safetensors('m.safetensors')\nassert order(xs) == {}",
    ),
    "by-an-attribute-of-an-object": (
        "class Liar:\n    def __init__(self, xs): self.shape = tuple(xs)\ndef order(xs):\n    return Liar(xs)",
        "judge.equal(order(xs), {})",
    ),
}


@pytest.mark.parametrize("way", LEAKS)
def test_nothing_of_a_hidden_test_s_values_comes_out_in_its_own_words(autograder, way):
    source, hidden = LEAKS[way]
    bundle = assignment(
        given("import judge"),
        answer("a", "### BEGIN SOLUTION\ndef order(xs):\n    return sorted(xs)\n### END SOLUTION"),
        check("hidden", hidden_part("xs = [7193, 2, 5]\n" + hidden.format("[2, 5, 7193]")), 4),
        limits=LIMITS,
    )
    outcome = autograder.grade(bundle, answers(bundle, a=source.replace("{{", "{").replace("}}", "}")), 1)
    assert outcome.earned == 0
    assert not any(number in repr(outcome.tasks) for number in ("7193", "14386"))


def test_words_without_end_are_the_trainee_s_problem_and_never_ours(autograder):
    cells = [code(f"print({place})") for place in range(24)]
    lying = "from factory_academy.grading.answering import outputs\noutputs.Outputs.take = lambda self: 'x' * 4_100_000"
    bundle = assignment(
        answer("a", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"), check("t", "assert x == 1", 1), limits=LIMITS
    )
    outcome = autograder.grade(bundle, answers(bundle, code(lying), *cells, a="x = 1"), 1)
    assert outcome.state is SubmissionState.GRADED
    assert outcome.earned == 1
    assert sum(len(cell.output) for cell in outcome.cells) <= 25 * LIMITS.output_bytes


CRASHES = {
    "an-int-too-large-for-a-score": ("def order(xs):\n    return 10 ** 400", "right = order([1]) * 1\nright"),
    "an-error-of-numpy-with-a-text-of-its-own": (
        "import numpy as np\ndef order(xs):\n    return np.sum(np.zeros(3), axis=5)",
        "assert order([1]) == 1",
    ),
    "an-error-of-a-codec": ("def order(xs):\n    return b'\\xff'.decode()", "assert order([1]) == 1"),
    "an-error-that-holds-itself": (
        "class Odd(ValueError):\n    def __str__(self): raise self\ndef order(xs):\n    raise Odd(Odd())",
        "assert order([1]) == 1",
    ),
    "a-cell-that-says-odd-things": (
        "from factory_academy.grading.answering import service\n"
        "service.builtin_names = lambda kind: 5\nservice.PICTURES = type('P', (), dict(take=lambda self: 7))()\n"
        "def order(xs):\n    return 2\nraise ValueError",
        "assert order([1]) == 1",
    ),
    "a-cell-that-says-the-names-of-a-hundred-million-errors": (
        "from factory_academy.grading.answering import service\n"
        "service.builtin_names = lambda kind: ['x' * 3_000_000] * 3\ndef order(xs):\n    return 2\n"
        "raise ValueError('y' * 20_000_000)",
        "assert order([1]) == 1",
    ),
    "an-error-of-every-library": (
        "import numpy as np, pandas as pd, json\nfrom pandas import errors\n"
        "kinds = [k for m in (errors, np.exceptions, np.linalg, json) for k in vars(m).values()\n"
        "         if isinstance(k, type) and issubclass(k, Exception)]\n"
        "def order(xs):\n    raise kinds[xs[0]].__new__(kinds[xs[0]])",
        "for n in range(60):\n    try:\n        order([n])\n    except IndexError:\n        break\n"
        "    except Exception as error:\n        text = f'{error}'\nassert order([1]) == 1",
    ),
}


@pytest.mark.parametrize("name", CRASHES)
def test_no_answer_ends_the_judge(autograder, name):
    source, shown = CRASHES[name]
    bundle = assignment(
        given("import numpy as np, pandas as pd"),
        answer("a", "### BEGIN SOLUTION\ndef order(xs):\n    return 1\n### END SOLUTION"),
        answer("b", "### BEGIN SOLUTION\nx = 3\n### END SOLUTION"),
        check("t", shown, 1),
        check("u", "assert x == 3", 1),
        limits=LIMITS,
    )
    outcome = autograder.grade(bundle, answers(bundle, a=source, b="x = 3"), 1)
    assert next(task for task in outcome.tasks if task.task_id == "t").earned == 0
    assert outcome.state.is_terminal
