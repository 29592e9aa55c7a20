"""Lies of a trainee's process in the protocol itself, and attacks that take more than one cell; others: test_corpus."""

import textwrap

import pytest
from tests.support.corpus import read_corpus
from tests.support.feedback import feedback_page
from tests.support.grading_work import answer, answers, assignment, check, code, given, hidden_part

from factory_academy.domain.bundle import GradingLimits
from factory_academy.domain.grade import Cause, Verdict
from factory_academy.domain.submission import SubmissionState

LIMITS = GradingLimits(cell_seconds=5, total_seconds=25, memory_bytes=600 << 20, processes=40, output_bytes=5_000)
HIDDEN = """
import numpy as np, math
secret_list = [7193, 2, 5]
before = list(secret_list)
expected = sorted(secret_list)
got = order(secret_list)
assert isinstance(got, list), "give a list"
assert got == expected
assert secret_list == before
np.testing.assert_array_equal(np.asarray(got), expected)
assert math.isclose(sum(got), 7200)
"""


SCORE = """
points = 0
for n in (3, 4):
    points += order(list(range(n, 0, -1))) == list(range(1, n + 1))
points
"""


def bundles(autograder, **fields):
    plain = assignment(
        given("def same(a, b):\n    return a == b"),
        answer("a", "def order(xs):\n    ### BEGIN SOLUTION\n    return sorted(xs)\n    ### END SOLUTION"),
        check("shown", "assert same(order([2, 1]), [1, 2])", 1),
        check("hidden", hidden_part(HIDDEN), 4),
        check("score", SCORE, 2),
        limits=LIMITS, **fields,
    )  # fmt: skip
    return autograder.record_contract(plain), plain


@pytest.fixture(scope="module")
def both(autograder):
    return bundles(autograder)


PROTOCOL = {
    "junk": "os.write(fd, b'x' * 4096)",
    "a huge frame": "os.write(fd, struct.pack('!II', 0xffffffff, 0xffffffff))",
    "a forged reply": "os.write(fd, frame({'v': [1, 2], 'out': '', 'bind': {}}))",
    "a forged update": "os.write(fd, frame({'v': None, 'upd': [['J1', ['l']]]}))",
    "a forged binding": "os.write(fd, frame({'v': None, 'bind': {'expected': ['@', 'S1'], 'order': None}}))",
    "a forged question": "os.write(fd, frame({'ask': 'get', 'on': 1, 'args': ['__globals__'], 'kwargs': {}}))",
    "no list in it": "os.write(fd, frame([1]))",
    "a hang-up": "os.close(fd)",
}


@pytest.mark.parametrize("name", PROTOCOL)
def test_writing_into_the_connection_gains_nothing(autograder, both, name):
    source = textwrap.dedent(f"""
        import json, os, socket, stat, struct
        def frame(tree):
            text = json.dumps(tree).encode()
            return struct.pack('!II', len(text), 0) + text
        fds = [int(f) for f in os.listdir('/proc/self/fd')]
        def order(xs):
            for fd in fds:
                try:
                    if stat.S_ISSOCK(os.fstat(fd).st_mode): {PROTOCOL[name]}
                except OSError: pass
            return []
    """)
    outcome = autograder.grade(both[0], answers(both[0], a=source), 1)
    assert outcome.earned == 0
    assert outcome.state.is_terminal


TAKEOVERS = {
    "an alias of the question": {"v": ["@", "J1"]},
    "an alias of nothing": {"v": ["@", "J99"]},
    "an emptied question": {"upd": [["J1", ["l"]]]},
    "a question of another type": {"upd": [["J1", ["d"]]]},
    "a trained nothing": {"trained": [[1, ["@", "S1"]]]},
    "a trained function": {"new": [["S9", ["d", "__class__", 1]]], "trained": [[1, ["@", "S9"]]]},
    "something lent": {"v": ["j", 1]},
    "an error of the judge": {"err": {"names": ["AssertionError"], "name": "AssertionError", "lent": 0}},
    "half an error": {"err": {"names": 3}},
    "an error that is no Exception": {"err": {"names": ["SystemExit"], "name": "SystemExit", "text": "", "args": None}},
    "an array by claim": {"v": ["r", 7, {"k": "object", "n": "A", "lib": ["numpy:ndarray"], "ops": ["__eq__"]}]},
    "a tensor by claim": {"v": ["r", 7, {"k": "object", "n": "A", "lib": ["torch:Tensor"], "ops": ["__eq__"]}]},
    "an object of everything": {
        "v": ["r", 7, {"k": "object", "n": "A", "ops": ["__eq__", "__bool__", "__len__"], "b": 4}]
    },
    "a class for an error": {"v": ["r", 7, {"k": "class", "n": "AssertionError", "exc": ["AssertionError"]}]},
    "every name bound anew": {"bind": {"order": 1, "got": None, "expected": ["t"], "secret_list": ["t"]}},
    "names taken away": {"bind": {"order": ["gone"], "same": ["gone"]}},
    "an endless iterator": {"v": ["r", 7, {"k": "iterator", "n": "it", "ops": ["__iter__", "__next__"]}]},
    "words for the screen": {"out": "4\n" * 1000},
    "nothing at all": {"v": None, "out": None, "bind": None, "new": None, "upd": None},
}


@pytest.mark.parametrize("which", ["hardened", "imported"])
@pytest.mark.parametrize("name", TAKEOVERS)
def test_a_trainee_process_that_lies_in_every_reply_gains_nothing(autograder, both, name, which):
    source = textwrap.dedent(f"""
        from factory_academy.grading.data import wire
        true_send = wire.Wire.send
        def send(self, tree, buffers=(), deadline=None):
            if lying: tree.update({TAKEOVERS[name]!r})
            return true_send(self, tree, buffers, deadline)
        lying = False
        wire.Wire.send = send
        def order(xs):
            global lying
            lying = True
            return []
    """)
    bundle = both[0] if which == "hardened" else both[1]
    outcome = autograder.grade(bundle, answers(bundle, a=source), 1)
    assert outcome.earned == 0
    assert outcome.state.is_terminal


def test_a_scan_of_memory_and_folders_shows_no_hidden_test(autograder, both):
    source = textwrap.dedent("""
        import gc, glob, os, sys
        def order(xs):
            if 7193 in xs:
                seen = [open(f, 'rb').read() for f in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline')
                        if os.access(f, os.R_OK)]
                held = [o for o in gc.get_objects() if isinstance(o, (dict, list, tuple))]
                seen += [repr(o)[:2000].encode() for o in held[:20000]]
                words = [bytes(reversed(b'tsil a evig')), bytes(reversed(b'pn(lauqe_yarra'))]
                if any(word in s for word in words for s in seen): os._exit(3)
            return sorted(xs)
        """)
    assert autograder.grade(both[0], answers(both[0], a=source), 1).earned == 7


def test_hidden_inputs_do_not_come_back_in_feedback(autograder, both):
    leaks = [
        "def order(xs): raise ValueError(repr(xs))",
        "def order(xs): raise type(repr(xs), (Exception,), {})()",
        "def order(xs): print(xs); return []",
        "def order(xs): return type('x' + '_'.join(map(str, xs)), (), {})()",
        "seen = []\ndef order(xs): seen.append(list(xs)); return []",
        "def order(xs):\n    open('seen', 'a').write(repr(xs)); return []",
    ]
    for source in leaks:
        spy = code("print(globals().get('seen'))\nimport os\nif os.path.exists('seen'): print(open('seen').read())")
        outcome = autograder.grade(both[0], _with_last(both[0], source, spy), 1)
        assert "7193" not in feedback_page(outcome, "Work"), source
        assert "7193" not in repr(outcome)


def _with_last(bundle, source, cell):
    import io
    import json
    import zipfile

    with zipfile.ZipFile(io.BytesIO(answers(bundle, a=source))) as archive:
        cells = json.loads(archive.read("work.ipynb"))["cells"]
    from tests.support.grading_work import submission

    return submission(*cells, cell)


def test_feedback_of_a_hidden_test_shows_neither_its_source_nor_its_values(autograder, both):
    outcome = autograder.grade(both[0], answers(both[0], a="def order(xs): return xs"), 1)
    page = feedback_page(outcome, "Work")
    assert outcome.tasks[1].verdict is Verdict.FAILED
    assert not any(word in page for word in ("7193", "secret_list", "assert_array", "expected = "))
    outcome = autograder.grade(both[0], answers(both[0], a="def order(xs): return None"), 1)
    assert outcome.tasks[1].message == "give a list"


@pytest.mark.parametrize("name", ["memory", "suicide", "sleep"])
def test_a_bomb_ends_in_its_state_and_earlier_work_counts(autograder, name):
    bomb = read_corpus()[name]
    bundle = assignment(
        answer("a", "def one(): return 1"), check("first", "assert one() == 1"),
        check("later", hidden_part("assert one() == 1")),
        answer("b", "def two(): return 2"), check("second", "assert two() == 2"), limits=LIMITS,
    )  # fmt: skip
    outcome = autograder.grade(bundle, answers(bundle, a="def one(): return 1", b=bomb.source), 1)
    assert outcome.state in bomb.states, (outcome.state, outcome.reason)
    assert [task.earned for task in outcome.tasks] == [1, 1, 0]
    assert outcome.reason


def test_an_output_bomb_is_cut(autograder, both):
    for source in (
        "while True: print('x' * 100)",
        "import os\nfor _ in range(3000): os.write(1, b'y' * 100_000)",
        "print('z' * 50_000_000)",
        "!yes | head -c 30000000",
        "'w' * 40_000_000",
    ):
        outcome = autograder.grade(both[0], answers(both[0], a=f"{source}\n"), 1)
        assert outcome.earned == 0
        assert all(len(cell.output) < 10_000 for cell in outcome.cells)


def test_an_endless_result_costs_that_test_only(autograder):
    bundle = assignment(
        answer("a", "def f(): return [1]\ndef g(): return 2"), check("t", "assert list(f()) == [1]"),
        check("u", "assert g() == 2"), limits=LIMITS,
    )  # fmt: skip
    bundle = autograder.record_contract(bundle)
    endless = "import itertools\ndef f(): return itertools.count()\ndef g(): return 2"
    outcome = autograder.grade(bundle, answers(bundle, a=endless), 1)
    assert outcome.tasks[0].cause is Cause.TIME
    assert [task.earned for task in outcome.tasks] == [0, 1]


def test_there_is_no_network(autograder, both):
    source = "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 80), 2)\nexcept OSError as e:\n    print('refused', e)\ntry:\n    socket.create_connection(('8.8.8.8', 53), 2)\nexcept OSError as e:\n    print('unreachable', e)"  # noqa: E501
    outcome = autograder.grade(both[0], answers(both[0], a=source), 1)
    assert "refused" in outcome.cells[-1].output
    assert "unreachable" in outcome.cells[-1].output


def test_nobody_answers_questions(autograder, both):
    outcome = autograder.grade(both[0], answers(both[0], a="name = input('who? ')"), 1)
    assert "input() is not available" in outcome.cells[-1].error
    outcome = autograder.grade(both[0], answers(both[0], a="breakpoint()"), 1)
    assert outcome.state.is_terminal


def test_what_a_background_process_does_later_changes_nothing(autograder, both):
    source = textwrap.dedent("""
        import os, time
        if os.fork() == 0:
            os.setsid()
            for _ in range(200):
                time.sleep(0.05)
                for fd in range(3, 20):
                    try: os.write(fd, b'x')
                    except OSError: pass
            os._exit(0)
        def order(xs): return []
    """)
    assert autograder.grade(both[0], answers(both[0], a=source), 1).earned == 0


def test_nothing_is_left_for_the_next_trainee(autograder, both):
    leave = "import os\nfor f in ('/tmp/left', 'left', os.path.expanduser('~/.left')): open(f, 'w').write('x')"
    autograder.grade(both[0], answers(both[0], a=leave), 1)
    look = "import os\nprint([f for f in ('/tmp/left', 'left', os.path.expanduser('~/.left')) if os.path.exists(f)])"
    assert autograder.grade(both[0], answers(both[0], a=look), 1).cells[-1].output.strip() == "[]"


def test_own_files_shadow_no_import(autograder):
    bundle = assignment(
        answer("a", "import random\ndef f(): return 1"), check("t", "import json\nassert json.dumps(f()) == '1'"),
        extra_files=("*.py",),
    )  # fmt: skip
    bundle = autograder.record_contract(bundle)
    import json

    from tests.support.grading_work import submission

    shadows = {f"{name}.py": b"raise SystemExit" for name in ("json", "random", "sitecustomize", "numpy", "judge")}
    cells = json.loads(bundle.files["source/work.ipynb"])["cells"]
    assert autograder.grade(bundle, submission(*cells, **shadows), 1).earned == 1


def test_a_change_of_an_argument_that_the_verdict_hangs_on_waits_for_a_person(autograder):
    tests = "xs = [1, 3, 2]\nassert top(xs) == max(xs, default=None)"
    bundle = assignment(answer("a", "def top(xs): return max(xs)"), check("t", tests))
    bundle = autograder.record_contract(bundle)
    outcome = autograder.grade(bundle, answers(bundle, a="def top(xs):\n    xs.clear()"), 1)
    assert outcome.tasks[0].verdict is Verdict.NOT_JUDGED
    assert outcome.tasks[0].cause is Cause.CONTRACT
    assert outcome.state is SubmissionState.NEEDS_REVIEW
    harmless = autograder.grade(bundle, answers(bundle, a="def top(xs):\n    xs.sort()\n    return xs[-1]"), 1)
    assert harmless.tasks[0].verdict is Verdict.PASSED


def test_a_trainees_estimator_does_not_say_its_own_score(autograder):
    honest = "from sklearn.linear_model import LogisticRegression\ndef fit(X, y): return LogisticRegression().fit(X, y)"
    bundle = assignment(
        answer("a", honest),
        check("t", "import numpy as np\nX = np.array([[0.0], [1.0], [2.0], [3.0]])\ny = np.array([0, 0, 1, 1])\n"
                   "assert fit(X, y).score(X, y) == 1.0"),
    )  # fmt: skip
    bundle = autograder.record_contract(bundle)
    forged = (
        "from sklearn.linear_model import LogisticRegression\nclass L(LogisticRegression):\n"
        "    def score(self, X, y): return 1.0\n    def predict(self, X): return X[:, 0].astype(int) * 0\n"
        "def fit(X, y): return L()"
    )
    assert autograder.grade(bundle, answers(bundle, a=honest), 1).earned == 1
    assert autograder.grade(bundle, answers(bundle, a=forged), 1).earned == 0


def test_a_name_of_a_builtin_is_the_trainees_where_the_task_asks_for_it(autograder):
    bundle = assignment(answer("a", "def max(a, b): return a if a > b else b"), check("t", "assert max(1, 2) == 2"))
    bundle = autograder.record_contract(bundle)
    assert autograder.grade(bundle, answers(bundle, a="def max(a, b): return a"), 1).earned == 0
    assert autograder.grade(bundle, answers(bundle, a="x = 1"), 1).earned == 0
