"""Turn earned progress into a certificate with a signed credential."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from factory_academy.domain.certificate import Certificate, certifying, is_earned
from factory_academy.domain.course import CertificateRule, Course
from factory_academy.domain.factory import Factory
from factory_academy.domain.person import Person
from factory_academy.domain.progress import Progress, progress_of
from factory_academy.workflows.ports import Clock, Issuer, Records, Repositories


@dataclass(frozen=True, slots=True)
class Certify:
    """Issue the certificate of a course once it is earned, and only once."""

    records: Records
    issuer: Issuer
    clock: Clock

    def __call__(self, trainee_id: str, course_id: str) -> Certificate | None:
        """The trainee's certificate, issued now if it is due; None while it is not earned.

        One that was revoked is given as it is: nothing that happens by itself issues another.
        """
        with self.records.transaction() as repositories:
            held = _held(repositories, trainee_id, course_id)
            if held is not None:
                return held
            trainee = repositories.people.find(trainee_id)
            course = repositories.courses.find(course_id)
            if trainee is None or course is None or course.certificate is None:
                return None
            progress = progress_in(repositories, trainee_id, course)
            factory = factory_of(repositories, trainee_id, course_id)
            if factory is None or not is_earned(progress, course.certificate):
                return None
            certificate = self._certificate(
                trainee, factory, progress, course.certificate, repositories.certificates.next_status_index()
            )
            if repositories.certificates.add(certificate, self.issuer.sign(certificate)):
                return certificate
            return _held(repositories, trainee_id, course_id)

    def _certificate(
        self, trainee: Person, factory: Factory, progress: Progress, rule: CertificateRule, status_index: int
    ) -> Certificate:
        decisive = certifying(progress, rule)
        return Certificate(
            id=secrets.token_urlsafe(24),
            trainee_id=trainee.id,
            trainee_name=trainee.full_name,
            course_id=progress.course.id,
            course_title=progress.course.title,
            factory_id=factory.id,
            factory_name=factory.name,
            rule=rule,
            fraction=sum(a.certifying_fraction for a in decisive) / len(decisive),
            issued_at=self.clock(),
            evidence=tuple((a.assignment.id, a.certifying_version) for a in decisive),
            status_index=status_index,
        )


def _held(repositories: Repositories, trainee_id: str, course_id: str) -> Certificate | None:
    held = repositories.certificates.of_trainee(trainee_id)
    return next((c for c in held if c.course_id == course_id), None)


def progress_in(repositories: Repositories, trainee_id: str, course: Course) -> Progress:
    """One trainee's progress in a course, from all they handed in."""
    submissions = repositories.submissions.of_trainee(trainee_id, course.id)
    grades = repositories.grades.of_submissions([s.id for s in submissions])
    return progress_of(trainee_id, course, submissions, grades, repositories.courses.hardened_versions(course.id))


def factory_of(repositories: Repositories, trainee_id: str, course_id: str) -> Factory | None:
    """The factory whose section of this course the trainee is in; the latest enrolment counts."""
    mine = [e for e in repositories.enrolments.of_trainee(trainee_id) if e.is_active]
    for enrolment in sorted(mine, key=lambda e: e.enrolled_at, reverse=True):
        section = repositories.courses.find_section(enrolment.section_id)
        if section is not None and section.course_id == course_id:
            return repositories.factories.find(section.factory_id)
    return None
