"""Whose regrades a person may plan, look at and decide."""

from __future__ import annotations

from factory_academy.domain.person import Person, Role
from factory_academy.domain.regrade import Regrade
from factory_academy.errors import NotFound
from factory_academy.workflows.ports import Repositories
from factory_academy.workflows.teaching import section_of_trainee, taught_course


def trainees_of(repositories: Repositories, person: Person, course_id: str) -> frozenset[str] | None:
    """The trainees whose grades this person may change: an instructor's own; None is everybody's, for an operator.

    Raises:
        NotFound: they teach no section of such a course.
    """
    if person.role is Role.OPERATOR:
        return None
    return frozenset(section_of_trainee(repositories, taught_course(repositories, person, course_id)))


def permitted(repositories: Repositories, person: Person, regrade: Regrade | None) -> Regrade:
    """The regrade, if every trainee in it is theirs.

    Raises:
        NotFound: there is none, or it is about trainees of others.
    """
    if regrade is not None:
        mine = trainees_of(repositories, person, regrade.course_id)
        theirs = {item.trainee_id for item in repositories.regrades.items(regrade.id)}
        if mine is None or theirs <= mine:
            return regrade
    raise NotFound("There is no such regrade among those of your trainees.", "Look at the regrades of the assignment.")
