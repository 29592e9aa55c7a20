import pytest

from factory_academy.grading.autograder import SandboxAutograder


@pytest.fixture(scope="session")
def autograder(tmp_path_factory):
    grader = SandboxAutograder(tmp_path_factory.mktemp("grading"))
    yield grader
    grader.close()
