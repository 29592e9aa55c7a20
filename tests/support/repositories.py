"""In-memory repositories: one a port, all over one State. FakeRecords hands them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.grade import Grade, GradeEvent, GradingOutcome
from factory_academy.domain.person import Person, Role
from factory_academy.domain.session import Lease, SessionRecord, SessionState
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.errors import NotFound
from factory_academy.workflows.ports import SubmissionFilter
from tests.support.fake_state import Fake, FakeVersion, by_id, refuse


class FakePeople(Fake):
    def find(self, person_id: str) -> Person | None:
        return self._state.people.get(person_id)

    def of_ids(self, person_ids: Sequence[str]) -> Mapping[str, Person]:
        return {i: self._state.people[i] for i in person_ids if i in self._state.people}

    def add(self, person: Person, password_hash: str | None = None) -> None:
        refuse(person.id in self._state.people, f"{person.id} exists")
        refuse(person.factory_id is not None and person.factory_id not in self._state.factories, "no such factory")
        self._state.people[person.id] = person
        if password_hash is not None:
            self._state.hashes[person.id] = password_hash

    def password_hash(self, person_id: str) -> str | None:
        return self._state.hashes.get(person_id)

    def set_password_hash(self, person_id: str, password_hash: str) -> None:
        if person_id not in self._state.people:
            raise NotFound(f"There is no person {person_id!r}.")
        self._state.hashes[person_id] = password_hash

    def with_role(self, role: Role) -> Sequence[Person]:
        return [p for p in by_id(self._state.people.values()) if p.role is role]

    def is_empty(self) -> bool:
        return not self._state.people


class FakeFactories(Fake):
    def ensure(self, factory: Factory) -> None:
        self._state.factories[factory.id] = factory

    def find(self, factory_id: str) -> Factory | None:
        return self._state.factories.get(factory_id)

    def all(self) -> Sequence[Factory]:
        return by_id(self._state.factories.values())

    def ensure_cohort(self, cohort: Cohort) -> None:
        refuse(cohort.factory_id not in self._state.factories, "no such factory")
        self._state.cohorts[cohort.id] = cohort

    def cohorts(self, factory_id: str) -> Sequence[Cohort]:
        return [c for c in by_id(self._state.cohorts.values()) if c.factory_id == factory_id]

    def add_to_cohort(self, cohort_id: str, trainee_id: str) -> None:
        refuse(cohort_id not in self._state.cohorts or trainee_id not in self._state.people, "no such cohort or person")
        self._state.members[cohort_id, trainee_id] = None

    def trainees_of_cohort(self, cohort_id: str) -> Sequence[Person]:
        return by_id(self._state.people[t] for c, t in self._state.members if c == cohort_id)


class FakeCourses(Fake):
    def ensure(self, course: Course) -> None:
        self._state.courses[course.id] = course

    def find(self, course_id: str) -> Course | None:
        course = self._state.courses.get(course_id)
        if course is None:
            return None
        versions = [self._state.versions[v] for (c, _), v in self._state.present.items() if c == course_id]
        order = {a.name: n for n, a in enumerate(course.assignments)}
        versions.sort(key=lambda v: (order.get(v.assignment.name, len(order)), v.released_at, v.assignment.name))
        return replace(course, assignments=tuple(v.assignment for v in versions))

    def all(self) -> Sequence[Course]:
        found = [course for i in self._state.courses if (course := self.find(i)) is not None]
        return sorted(found, key=lambda course: (course.place, course.id))

    def release(self, assignment: Assignment, blob: str, at: datetime) -> None:
        refuse(assignment.course_id not in self._state.courses, f"no course {assignment.course_id}")
        self._state.versions[assignment.version] = FakeVersion(assignment, blob, at)
        self._state.present[assignment.course_id, assignment.name] = assignment.version

    def version_blob(self, version: str) -> str | None:
        found = self._state.versions.get(version)
        return found.blob if found else None

    def assignment_of_version(self, version: str) -> Assignment | None:
        found = self._state.versions.get(version)
        return found.assignment if found else None

    def hardened_versions(self, course_id: str) -> frozenset[str]:
        mine = (v.assignment for v in self._state.versions.values() if v.assignment.course_id == course_id)
        return frozenset(a.version for a in mine if a.hardened)

    def ensure_section(self, section: Section) -> None:
        unknown = section.course_id not in self._state.courses or section.factory_id not in self._state.factories
        refuse(unknown, "no such course or factory")
        self._state.sections[section.id] = section

    def find_section(self, section_id: str) -> Section | None:
        return self._state.sections.get(section_id)

    def sections(self, course_id: str | None = None) -> Sequence[Section]:
        wanted = [s for s in self._state.sections.values() if course_id in (None, s.course_id)]
        return sorted(wanted, key=lambda s: (s.starts_at, s.id))


class FakeEnrolments(Fake):
    def add(self, enrolment: Enrolment) -> bool:
        unknown = enrolment.trainee_id not in self._state.people or enrolment.section_id not in self._state.sections
        refuse(unknown, "no such person or section")
        present = self.find(enrolment.trainee_id, enrolment.section_id)
        if present is not None and present.is_active and enrolment.is_active:
            return False
        self._state.enrolments[len(self._state.enrolments)] = enrolment
        return True

    def withdraw(self, trainee_id: str, section_id: str, at: datetime) -> None:
        for key, e in self._state.enrolments.items():
            if (e.trainee_id, e.section_id) == (trainee_id, section_id) and e.is_active:
                self._state.enrolments[key] = replace(e, withdrawn_at=at)

    def find(self, trainee_id: str, section_id: str) -> Enrolment | None:
        mine = [
            (e.is_active, key, e)
            for key, e in self._state.enrolments.items()
            if (e.trainee_id, e.section_id) == (trainee_id, section_id)
        ]
        return max(mine, key=lambda m: m[:2])[2] if mine else None

    def of_trainee(self, trainee_id: str) -> Sequence[Enrolment]:
        return self._in_time(e for e in self._state.enrolments.values() if e.trainee_id == trainee_id)

    def of_section(self, section_id: str) -> Sequence[Enrolment]:
        return self.of_sections([section_id])

    def of_sections(self, section_ids: Sequence[str]) -> Sequence[Enrolment]:
        return self._in_time(e for e in self._state.enrolments.values() if e.section_id in set(section_ids))

    def _in_time(self, enrolments: Iterable[Enrolment]) -> list[Enrolment]:
        return sorted(enrolments, key=lambda e: (e.enrolled_at, e.trainee_id))


class FakeSubmissions(Fake):
    def add(self, submission: Submission) -> bool:
        unknown = (
            submission.trainee_id not in self._state.people
            or submission.course_id not in self._state.courses
            or submission.assignment_version not in self._state.versions
        )
        refuse(unknown, "no such person, course or version")
        if self.find_same(submission.trainee_id, submission.assignment_version, submission.content):
            return False
        refuse(submission.id in self._state.submissions, f"{submission.id} exists")
        self._state.submissions[submission.id] = submission
        return True

    def find(self, submission_id: str) -> Submission | None:
        return self._state.submissions.get(submission_id)

    def find_same(self, trainee_id: str, assignment_version: str, content: str) -> Submission | None:
        wanted = (trainee_id, assignment_version, content)
        same = (
            s for s in self._state.submissions.values() if (s.trainee_id, s.assignment_version, s.content) == wanted
        )
        return next(same, None)

    def attempts_since(
        self, trainee_id: str, course_id: str, assignment_name: str, since: datetime
    ) -> Sequence[datetime]:
        theirs = self.matching(SubmissionFilter(course_id, assignment_name, trainee_ids=frozenset({trainee_id})))
        counted = [s for s in theirs if s.state is not SubmissionState.INFRASTRUCTURE_FAILED]
        return sorted(s.received_at for s in counted if s.received_at > since)

    def of_trainee(self, trainee_id: str, course_id: str | None = None) -> Sequence[Submission]:
        return self.matching(SubmissionFilter(course_id, trainee_ids=frozenset({trainee_id})))

    def of_assignment(
        self, course_id: str, assignment_name: str | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[Submission]:
        return self.matching(SubmissionFilter(course_id, assignment_name), limit, offset)

    def matching(self, wanted: SubmissionFilter, limit: int | None = None, offset: int = 0) -> Sequence[Submission]:
        fitting = [s for s in self._state.submissions.values() if _fits(wanted, s)]
        fitting.sort(key=lambda s: (s.received_at, s.id), reverse=True)
        return fitting[offset:] if limit is None else fitting[offset : offset + limit]

    def ids_matching(self, wanted: SubmissionFilter) -> Sequence[str]:
        return [s.id for s in self.matching(wanted)]

    def count_matching(self, wanted: SubmissionFilter) -> int:
        return len(self.matching(wanted))

    def set_state(self, submission_id: str, state: SubmissionState, reason: str) -> None:
        if found := self._state.submissions.get(submission_id):
            self._state.submissions[submission_id] = replace(found, state=state, reason=reason)

    def count_by_state(self) -> Mapping[SubmissionState, int]:
        return dict(Counter(s.state for s in self._state.submissions.values()))


class FakeGrades(Fake):
    def add(self, event: GradeEvent, outcome: GradingOutcome) -> None:
        refuse(event.submission_id not in self._state.submissions, "no such submission")
        self._state.events[len(self._state.events)] = (event, outcome)

    def find(self, submission_id: str) -> Grade | None:
        mine = self._of(submission_id)
        if not mine:
            return None
        event, outcome = mine[-1]
        return Grade(submission_id, event.new_earned, event.possible, outcome.tasks, event.assignment_version)

    def outcome(self, submission_id: str) -> GradingOutcome | None:
        mine = self._of(submission_id)
        return mine[-1][1] if mine else None

    def history(self, submission_id: str) -> Sequence[GradeEvent]:
        return [event for event, _ in self._of(submission_id)]

    def of_submissions(self, submission_ids: Sequence[str]) -> Mapping[str, Grade]:
        return {i: grade for i in submission_ids if (grade := self.find(i)) is not None}

    def last_at(self) -> datetime | None:
        return max((event.at for event, _ in self._state.events.values()), default=None)

    def _of(self, submission_id: str) -> list[tuple[GradeEvent, GradingOutcome]]:
        return [pair for pair in self._state.events.values() if pair[0].submission_id == submission_id]


class FakeSessions(Fake):
    def plan_alone(self) -> None:
        """Transactions of the fake are one at a time anyway."""

    def add(self, session: SessionRecord) -> None:
        refuse(session.person_id not in self._state.people, f"no person {session.person_id}")
        refuse(session.id in self._state.sessions, f"{session.id} exists")
        self._state.sessions[session.id] = session

    def find(self, session_id: str) -> SessionRecord | None:
        return self._state.sessions.get(session_id)

    def open(self, person_id: str | None = None) -> Sequence[SessionRecord]:
        mine = [s for s in self._state.sessions.values() if s.ended_at is None and person_id in (None, s.person_id)]
        return sorted(mine, key=lambda s: (s.begun_at, s.id))

    def recent(self, limit: int = 50) -> Sequence[SessionRecord]:
        return sorted(self._state.sessions.values(), key=lambda s: (s.begun_at, s.id), reverse=True)[:limit]

    def set_state(
        self, session_id: str, state: SessionState, reason: str = "", ended_at: datetime | None = None
    ) -> None:
        if found := self._state.sessions.get(session_id):
            self._state.sessions[session_id] = replace(found, state=state, reason=reason, ended_at=ended_at)

    def add_lease(self, lease: Lease) -> None:
        refuse(lease.session_id not in self._state.sessions or lease.id in self._state.leases, "no such session")
        refuse(lease.device_uuid in {held.device_uuid for held in self.open_leases()}, "the device is leased")
        self._state.leases[lease.id] = lease

    def open_leases(self) -> Sequence[Lease]:
        held = [lease for lease in self._state.leases.values() if lease.ended_at is None]
        return sorted(held, key=lambda lease: (lease.begun_at, lease.id))

    def end_leases(self, session_id: str, at: datetime) -> None:
        for lease in self.open_leases():
            if lease.session_id == session_id:
                self._state.leases[lease.id] = replace(lease, ended_at=at)


class FakeCertificates(Fake):
    def add(self, certificate: Certificate, credential: str) -> bool:
        unknown = (
            certificate.trainee_id not in self._state.people
            or certificate.course_id not in self._state.courses
            or certificate.factory_id not in self._state.factories
        )
        refuse(unknown, "no such person, course or factory")
        if certificate.course_id in {c.course_id for c in self.of_trainee(certificate.trainee_id)}:
            return False
        taken = certificate.status_index in {c.status_index for c in self._state.certificates.values()}
        refuse(taken or certificate.id in self._state.certificates, "the id or the status index is taken")
        self._state.certificates[certificate.id] = certificate
        self._state.credentials[certificate.id] = credential
        return True

    def find(self, certificate_id: str) -> Certificate | None:
        return self._state.certificates.get(certificate_id)

    def credential(self, certificate_id: str) -> str | None:
        return self._state.credentials.get(certificate_id)

    def of_trainee(self, trainee_id: str) -> Sequence[Certificate]:
        mine = (c for c in self._state.certificates.values() if c.trainee_id == trainee_id)
        return sorted(mine, key=lambda c: (c.issued_at, c.id))

    def of_course(self, course_id: str) -> Sequence[Certificate]:
        mine = (c for c in self._state.certificates.values() if c.course_id == course_id)
        return sorted(mine, key=lambda c: (c.issued_at, c.id))

    def next_status_index(self) -> int:
        index = self._state.counters.get("certificate_status", 0)
        self._state.counters["certificate_status"] = index + 1
        return index

    def revoked_indices(self) -> frozenset[int]:
        return frozenset(c.status_index for c in self._state.certificates.values() if c.revoked_at is not None)

    def revoke(self, certificate_id: str, at: datetime) -> None:
        found = self._state.certificates.get(certificate_id)
        if found is None:
            raise NotFound(f"There is no certificate {certificate_id!r}.")
        if found.revoked_at is None:
            self._state.certificates[certificate_id] = replace(found, revoked_at=at)


def _fits(wanted: SubmissionFilter, submission: Submission) -> bool:
    return (
        wanted.course_id in (None, submission.course_id)
        and wanted.assignment_name in (None, submission.assignment_name)
        and (not wanted.states or submission.state in wanted.states)
        and (wanted.trainee_ids is None or submission.trainee_id in wanted.trainee_ids)
    )
