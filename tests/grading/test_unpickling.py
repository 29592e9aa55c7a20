"""The judge unpickles nobody's classes and functions; plain data and an author's own pickles are as ever."""

import pickle
from fractions import Fraction

import pytest
from tests.support.grading_work import answer, answers, assignment, check, given

from factory_academy.domain.grade import Verdict
from factory_academy.errors import BadCourse

ANY = "import pickle\nfrom unittest import mock\ndef dumped(x):\n    return pickle.dumps(mock.ANY)"
RIGHT = "import pickle\ndef dumped(x):\n    return pickle.dumps(x)"
WRITES_ANY = (
    "import pickle\nfrom unittest import mock\n"
    "def save(x):\n    with open('out.npy', 'wb') as file:\n        pickle.dump(mock.ANY, file)"
)
WRITES = "import numpy as np\ndef save(x):\n    np.save('out.npy', np.array(x))"


def solution(source):
    return f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"


@pytest.mark.parametrize("hardened", [True, False])
def test_bytes_of_a_trainee_that_are_a_program_earn_nothing(autograder, hardened):
    bundle = assignment(
        answer("dumped", solution(RIGHT)), check("t", "import pickle\nassert pickle.loads(dumped([1, 2])) == [1, 2]")
    )
    bundle = autograder.record_contract(bundle) if hardened else bundle
    assert autograder.grade(bundle, answers(bundle, dumped=RIGHT), 1).earned == 1
    (task,) = autograder.grade(bundle, answers(bundle, dumped=ANY), 1).tasks
    assert (task.earned, task.verdict) == (0, Verdict.NOT_JUDGED)


def test_a_file_of_a_trainee_that_is_a_program_earns_nothing(autograder):
    bundle = assignment(
        answer("save", solution(WRITES)),
        check("t", "import numpy as np\nsave([1, 2])\nassert np.load('out.npy', allow_pickle=True).tolist() == [1, 2]"),
    )
    bundle = autograder.record_contract(bundle)
    assert autograder.grade(bundle, answers(bundle, save=WRITES), 1).earned == 1
    assert autograder.grade(bundle, answers(bundle, save=WRITES_ANY), 1).earned == 0


def test_a_test_that_unpickles_objects_is_found_when_its_reference_runs(autograder):
    source = "import pickle\nfrom fractions import Fraction\ndef dumped(x):\n    return pickle.dumps(Fraction(x))"
    bundle = assignment(
        answer("dumped", solution(source)), check("t", "import pickle\nassert pickle.loads(dumped(2)) == 2")
    )
    with pytest.raises(BadCourse, match=r"judge.call\(\"pickle.loads\", data\)"):
        autograder.record_contract(bundle)


def test_an_author_may_read_their_own_pickle_in_a_cell_of_their_own(autograder):
    bundle = assignment(
        given("import pickle\nwith open('data.pkl', 'rb') as file:\n    half = pickle.load(file)", "load"),
        answer("double", solution("def double(x):\n    return 2 * x")),
        check("t", "assert double(half) == 1"),
        files={"release/data.pkl": pickle.dumps(Fraction(1, 2))},
    )
    bundle = autograder.record_contract(bundle)
    assert autograder.grade(bundle, answers(bundle, double="def double(x):\n    return x + x"), 1).earned == 1
