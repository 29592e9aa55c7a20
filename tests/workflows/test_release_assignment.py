from dataclasses import replace

import pytest
from tests.support.marking_work import RUBRIC
from tests.support.work import dp4_bundle

from factory_academy.domain.bundle import AssignmentBundle
from factory_academy.errors import BadCourse, NotFound
from factory_academy.workflows.release_assignment import ReleaseAssignment


@pytest.fixture
def bundle():
    files = {"source/dp4.ipynb": b'{"v": 2}', "release/dp4.ipynb": b"{}"}
    return replace(dp4_bundle(), files=files)


@pytest.fixture
def release(hall):
    return ReleaseAssignment(hall.records, hall.blobs, hall.autograder, hall.clock, lambda bundle, strict: bundle)


def present(hall):
    with hall.records.reading() as repositories:
        return repositories.courses.find("pipelines").assignment("dp4")


def test_a_release_is_hardened_kept_and_present(hall, release, bundle):
    released = release(bundle)
    assert present(hall) == released
    assert released.hardened
    assert released.source_version == bundle.version
    with hall.records.reading() as repositories:
        blob = repositories.courses.version_blob(released.version)
    kept = AssignmentBundle.from_bytes(hall.blobs.get(blob))
    assert (kept.version, kept.is_hardened) == (released.version, True)


def test_releasing_the_same_again_runs_nothing_and_changes_nothing(hall, release, bundle):
    first = release(bundle)
    hall.autograder.reference_fails = "must not be asked"
    assert release(bundle) == first


def test_a_reference_that_fails_is_not_released(hall, release, bundle):
    before = present(hall)
    hall.autograder.reference_fails = "t2 failed"
    with pytest.raises(BadCourse, match="t2 failed"):
        release(bundle)
    assert present(hall) == before


def test_without_a_reference_a_release_cannot_certify(hall, release, bundle):
    hall.autograder.reference_fails = "there is none"
    released = release(bundle, require_reference=False)
    assert not released.hardened
    with hall.records.reading() as repositories:
        assert released.version not in repositories.courses.hardened_versions("pipelines")


def test_an_older_version_can_be_made_present_again(hall, release, bundle):
    old = release(bundle)
    release(replace(bundle, files={**bundle.files, "source/dp4.ipynb": b'{"v": 3}'}))
    assert release(bundle) == old
    assert present(hall) == old


def test_the_course_must_be_there_before_its_assignments(hall, release, bundle):
    hall.autograder.reference_fails = "must not be asked"
    with pytest.raises(NotFound, match="nowhere"):
        release(replace(bundle, course_id="nowhere"))


def test_tasks_that_the_examination_marks_are_on_record_and_it_sees_the_contract(hall, bundle):
    def examine(given, strict):
        assert given.is_hardened
        return replace(given, tasks=tuple(replace(task, protected=strict) for task in given.tasks))

    release = ReleaseAssignment(hall.records, hall.blobs, hall.autograder, hall.clock, examine)
    assert not any(task.protected for task in release(bundle, require_reference=False).tasks)
    assert not any(task.protected for task in present(hall).tasks)


def test_what_the_examination_refuses_is_not_released(hall, bundle):
    def examine(given, strict):
        raise BadCourse("the trainee's code would give the verdict", "Rewrite it.")

    before = present(hall)
    with pytest.raises(BadCourse, match="verdict"):
        ReleaseAssignment(hall.records, hall.blobs, hall.autograder, hall.clock, examine)(bundle)
    assert present(hall) == before


def test_a_new_version_is_marked_by_the_rubrics_of_the_one_before(hall, release, bundle):
    with hall.records.transaction() as repositories:
        repositories.rubrics.add(RUBRIC, "ivo", hall.clock())
        for task_id in ("t1", "gone"):
            repositories.rubrics.attach(present_version(repositories), task_id, RUBRIC.version)
    released = release(bundle)
    with hall.records.reading() as repositories:
        assert repositories.rubrics.of_version(released.version) == {"t1": RUBRIC}


def present_version(repositories) -> str:
    return repositories.courses.find("pipelines").assignment("dp4").version
