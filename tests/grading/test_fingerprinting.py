"""What answers hash to is the installation's own: the same again, and nobody else's to foresee."""

from tests.support.grading_work import answers
from tests.support.headless import DOUBLE

from factory_academy.grading.fingerprinting import ContentFingerprints

WORK = answers(DOUBLE, double="def double(x):\n    return x + x")


def test_the_same_answers_hash_to_the_same_under_one_key():
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) == ContentFingerprints(b"key").answers(DOUBLE, WORK)


def test_another_installation_hashes_them_to_something_else():
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) != ContentFingerprints(b"other").answers(DOUBLE, WORK)


def test_other_answers_hash_to_something_else():
    other = answers(DOUBLE, double="def double(x):\n    return 2 * x")
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) != ContentFingerprints(b"key").answers(DOUBLE, other)
