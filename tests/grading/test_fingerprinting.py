"""What answers hash to is the installation's own: the same again, and nobody else's to foresee."""

import sys

from tests.support.grading_work import answers
from tests.support.headless import DOUBLE

from factory_academy.grading.fingerprinting import ContentFingerprints
from factory_academy.grading.trials.zygotes import environment_digest

WORK = answers(DOUBLE, double="def double(x):\n    return x + x")


def test_the_same_answers_hash_to_the_same_under_one_key():
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) == ContentFingerprints(b"key").answers(DOUBLE, WORK)


def test_another_installation_hashes_them_to_something_else():
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) != ContentFingerprints(b"other").answers(DOUBLE, WORK)


def test_other_answers_hash_to_something_else():
    other = answers(DOUBLE, double="def double(x):\n    return 2 * x")
    assert ContentFingerprints(b"key").answers(DOUBLE, WORK) != ContentFingerprints(b"key").answers(DOUBLE, other)


def test_the_environments_digest_does_not_depend_on_what_a_process_has_imported(tmp_path):
    (tmp_path / "stowaway-1.0.dist-info").mkdir()
    (tmp_path / "stowaway-1.0.dist-info" / "METADATA").write_text("Name: stowaway\nVersion: 1.0\n")
    before = environment_digest.__wrapped__()
    sys.path.append(str(tmp_path))
    try:
        assert environment_digest.__wrapped__() == before
    finally:
        sys.path.remove(str(tmp_path))
