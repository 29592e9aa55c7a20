"""A believable academy to look at: seven factories, two courses, people of every role, submissions in every state."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from factory_academy.domain.certificate import Certificate
from factory_academy.domain.course import Assignment, CertificateRule, Course, Section
from factory_academy.domain.enrolment import Enrolment
from factory_academy.domain.factory import Cohort, Factory
from factory_academy.domain.grade import GradeEvent
from factory_academy.domain.person import Person, Role
from factory_academy.domain.session import Device, DeviceKind, Lease, SessionRecord, SessionState
from factory_academy.domain.submission import Submission, SubmissionState
from factory_academy.workflows.ports import Issuer, Records, Repositories
from tests.support.demo_outcomes import FLAWLESS, TASKS_DP1, TASKS_DP4, TASKS_ONB1, outcome_for
from tests.support.issuer import FakeIssuer

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

FACTORIES = (
    Factory("barcelona", "Barcelona AI Factory", "Barcelona", "ES", "Health, energy and media"),
    Factory("bissen", "Bissen AI Factory", "Bissen", "LU", "Space and finance"),
    Factory("bologna", "Bologna AI Factory", "Bologna", "IT", "Agrifood and cybersecurity"),
    Factory("stuttgart", "Stuttgart AI Factory", "Stuttgart", "DE", "Engineering and mobility"),
    Factory("mimer", "Mimer AI Factory", "Linköping", "SE", "Life sciences and materials"),
    Factory("kajaani", "Kajaani AI Factory", "Kajaani", "FI", "Upskilling and experimentation"),
    Factory("athens", "Athens AI Factory", "Athens", "GR", "Health, culture and language"),
)
TRAINEES = (
    Person("ada", "Ada Keller", Role.TRAINEE, "bologna"),
    Person("bruno", "Bruno Ferrari", Role.TRAINEE, "bologna"),
    Person("chiara", "Chiara Lombardi", Role.TRAINEE, "bologna"),
    Person("dusan", "Dušan Novak", Role.TRAINEE, "bologna"),
    Person("elena", "Elena Ricci", Role.TRAINEE, "bologna"),
    Person("farid", "Farid Haddad", Role.TRAINEE, "bologna"),
    Person("greta", "Greta Moser", Role.TRAINEE, "bologna"),
    Person("hugo", "Hugo Almeida", Role.TRAINEE, "bologna"),
    Person("irene", "Irene Conti", Role.TRAINEE, "bologna"),
    Person("nikos", "Νίκος Παπαδόπουλος", Role.TRAINEE, "athens"),
    Person("sofia", "Sofia Dimou", Role.TRAINEE, "athens"),
    Person("ulla", "Ulla Virtanen", Role.TRAINEE, "kajaani"),
)
STAFF = (
    Person("ivo", "Ivo Marchetti", Role.INSTRUCTOR, "bologna"),
    Person("anna", "Anna Georgiou", Role.INSTRUCTOR, "athens"),
    Person("marta", "Marta Bianchi", Role.FACTORY_MANAGER, "bologna"),
    Person("petra", "Petra Lindqvist", Role.FACTORY_MANAGER),
    Person("otto", "Otto Weber", Role.OPERATOR),
)
COHORTS = {
    Cohort("bologna-spring", "bologna", "Spring 2026"): ("ada", "bruno", "chiara", "dusan"),
    Cohort("bologna-autumn", "bologna", "Autumn 2026"): ("elena", "farid", "greta"),
    Cohort("athens-autumn", "athens", "Autumn 2026"): ("nikos", "sofia"),
}
ONBOARDING = Course(
    "onboarding",
    "Onboarding",
    "Your first hour: sign in, repair a cell, hand in, read your feedback, serve a first small model.",
    "Experimentation Platforms",
    certificate=CertificateRule("First steps", 0.7, ("onb1",), eqf_level=4, hours=1.5),
)
PIPELINES = Course(
    "data-pipelines",
    "Data Pipelines",
    "Prepare large, messy data sets for training: typed tables, leak-free splits, features that hold on new data.",
    "Data Pipelines",
    certificate=CertificateRule(
        "Data pipelines for AI", 0.7, eqf_level=6, hours=9, outcomes=("Build pipelines in which nothing leaks",)
    ),
)


def _version(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


ONB1 = Assignment(
    "onboarding", "onb1", "First login, first grade, first model served", TASKS_ONB1, _version("onb1"),
    hardened=True,
)  # fmt: skip
DP1 = Assignment(
    "data-pipelines", "dp1", "From messy file to typed table", TASKS_DP1, _version("dp1"), hardened=True,
    due_at=NOW + timedelta(days=9),
)  # fmt: skip
DP4 = Assignment(
    "data-pipelines", "dp4", "Leak-free splits and features", TASKS_DP4, _version("dp4"), hardened=True,
    due_at=NOW + timedelta(days=23),
)  # fmt: skip
SECTIONS = tuple(
    Section(f"{course.id}-{factory}", course.id, factory, f"{course.title}, {city}, autumn 2026",
            NOW - timedelta(days=60), NOW + timedelta(days=60))
    for course in (ONBOARDING, PIPELINES)
    for factory, city in (("bologna", "Bologna"), ("athens", "Athens"), ("kajaani", "Kajaani"))
)  # fmt: skip
GPU = Device("GPU-7d1f4c2a-90be-4f6e-b7a1-2c5f8e0d4b11", DeviceKind.GPU, "NVIDIA H100 80GB HBM3", 80 << 30)
SLICE_A = Device("MIG-3c9a1b7e-55d0-5c7f-8a60-91d2f4e6a001", DeviceKind.SLICE, "NVIDIA H100 1g.10gb", 10 << 30)
SLICE_B = Device("MIG-b80d6f21-1f2e-5a43-9d1c-07c8e2aa9002", DeviceKind.SLICE, "NVIDIA H100 1g.10gb", 10 << 30)
DEVICES = (GPU, SLICE_A, SLICE_B)


@dataclass(frozen=True, slots=True)
class HandIn:
    """One submission of the demo world; ``passed`` says which of its tasks pass."""

    trainee_id: str
    assignment: Assignment
    hours_ago: float
    state: SubmissionState = SubmissionState.GRADED
    passed: tuple[int, ...] = FLAWLESS


G = SubmissionState
HAND_INS = (
    HandIn("ada", ONB1, 240),
    HandIn("ada", DP1, 100, passed=(0, 1)),
    HandIn("ada", DP1, 98, G.TIMEOUT, (0,)),
    HandIn("ada", DP1, 90),
    HandIn("ada", DP4, 20, G.CRASHED, (0,)),
    HandIn("ada", DP4, 2, passed=(0, 1, 3)),
    HandIn("ada", DP4, 0.01, G.QUEUED),
    HandIn("bruno", ONB1, 230),
    HandIn("bruno", DP1, 60),
    HandIn("bruno", DP4, 30),
    HandIn("chiara", ONB1, 200),
    HandIn("chiara", DP4, 26, G.OUT_OF_MEMORY, (0, 1)),
    HandIn("chiara", DP4, 0.02, G.RUNNING),
    HandIn("dusan", ONB1, 180, passed=(0, 1)),
    HandIn("dusan", DP1, 50, G.NEEDS_REVIEW),
    HandIn("elena", ONB1, 160),
    HandIn("elena", DP1, 22, G.UNREADABLE, ()),
    HandIn("elena", DP1, 21, passed=(1,)),
    HandIn("farid", ONB1, 150),
    HandIn("farid", DP4, 11, G.EXITED, ()),
    HandIn("greta", DP1, 9, G.MISSING, ()),
    HandIn("greta", DP1, 8, G.TOO_LARGE, ()),
    HandIn("hugo", ONB1, 6, G.REFUSED, ()),
    HandIn("irene", DP1, 5, G.INFRASTRUCTURE_FAILED, ()),
    HandIn("irene", DP1, 0.03, G.QUEUED),
    HandIn("nikos", ONB1, 120),
    HandIn("nikos", DP1, 40, passed=(0,)),
    HandIn("sofia", ONB1, 100),
)
REASONS = {
    G.QUEUED: "",
    G.RUNNING: "A worker has taken it up.",
    G.GRADED: "Every task has its verdict.",
    G.NEEDS_REVIEW: "Task 7 is marked by a person.",
    G.TIMEOUT: "Your code ran longer than the 120 seconds allowed; it was in cell 9 at that moment.",
    G.OUT_OF_MEMORY: "Your code needed more than the 2 GiB of memory allowed.",
    G.CRASHED: "The process of your code died with a segmentation fault in cell 12.",
    G.EXITED: "Your code ended its own process in cell 4.",
    G.UNREADABLE: "dp1.ipynb is not a notebook: it ends in the middle of a JSON text.",
    G.MISSING: "dp1.ipynb is not in what was handed in; found: dp1-final-v2.ipynb.",
    G.TOO_LARGE: "The archive holds 612 MiB; at most 100 MiB are taken.",
    G.REFUSED: "This machine could not isolate your code, so it was not run.",
    G.INFRASTRUCTURE_FAILED: (
        "This is our fault, not yours, and costs you nothing: its worker ended before it did, three times"
    ),
}


def seed(records: Records, issuer: Issuer | None = None, now: datetime = NOW) -> None:
    """Fill empty records with the demo world, as it looks at ``now``."""
    signer = issuer or FakeIssuer()
    with records.transaction() as repositories:
        _people(repositories)
        _teaching(repositories, now)
        for hand_in in sorted(HAND_INS, key=lambda h: -h.hours_ago):
            _hand_in(repositories, hand_in, now)
        _certificates(repositories, signer, now)
        _sessions(repositories, now)


def submission_id(hand_in: HandIn) -> str:
    """The id of a submission of the demo world."""
    return hashlib.sha256(f"{hand_in.trainee_id}{hand_in.assignment.name}{hand_in.hours_ago}".encode()).hexdigest()[:32]


def one(trainee_id: str, state: SubmissionState, name: str = "") -> str:
    """The id of the latest submission of this trainee in this state."""
    fitting = [h for h in HAND_INS if h.trainee_id == trainee_id and h.state is state and name in h.assignment.name]
    return submission_id(fitting[-1])


def _people(repositories: Repositories) -> None:
    for factory in FACTORIES:
        repositories.factories.ensure(factory)
    for person in (*TRAINEES, *STAFF):
        repositories.people.add(person)
    for cohort, members in COHORTS.items():
        repositories.factories.ensure_cohort(cohort)
        for trainee_id in members:
            repositories.factories.add_to_cohort(cohort.id, trainee_id)


def _teaching(repositories: Repositories, now: datetime) -> None:
    shift = now - NOW
    for course, assignments in ((ONBOARDING, (ONB1,)), (PIPELINES, (DP1, DP4))):
        repositories.courses.ensure(course)
        for assignment in assignments:
            due_at = assignment.due_at + shift if assignment.due_at else None
            released = replace(assignment, due_at=due_at)
            repositories.courses.release(released, _version(f"blob of {assignment.name}"), now - timedelta(days=61))
    for section in SECTIONS:
        ends_at = section.ends_at + shift if section.ends_at else None
        repositories.courses.ensure_section(replace(section, starts_at=section.starts_at + shift, ends_at=ends_at))
    for n, person in enumerate(TRAINEES[:11]):
        joined_at = now - timedelta(days=50, minutes=n)
        repositories.enrolments.add(Enrolment(person.id, f"onboarding-{person.factory_id}", joined_at))
        if person.id not in ("hugo", "sofia"):
            joined_at += timedelta(days=1)
            repositories.enrolments.add(Enrolment(person.id, f"data-pipelines-{person.factory_id}", joined_at))


def _hand_in(repositories: Repositories, hand_in: HandIn, now: datetime) -> None:
    received_at = now - timedelta(hours=hand_in.hours_ago)
    work = hand_in.assignment
    submission = Submission(
        id=submission_id(hand_in),
        trainee_id=hand_in.trainee_id,
        course_id=work.course_id,
        assignment_name=work.name,
        assignment_version=work.version,
        content=_version(submission_id(hand_in)),
        size_bytes=18_432 + int(hand_in.hours_ago * 7),
        received_at=received_at,
    )
    repositories.submissions.add(submission)
    reason = REASONS[hand_in.state]
    if hand_in.state.is_terminal:
        outcome = outcome_for(work, hand_in.state, reason, hand_in.passed)
        event = GradeEvent(
            submission.id, "autograder", received_at + timedelta(seconds=4), reason, None, outcome.earned,
            outcome.possible, work.version, outcome.environment, outcome.seed,
        )  # fmt: skip
        repositories.grades.add(event, outcome)
    else:
        repositories.queue.add(submission.id, received_at)
    if hand_in.state is G.RUNNING:
        repositories.queue.lease("grader-1", now, timedelta(seconds=30))
    repositories.submissions.set_state(submission.id, hand_in.state, reason)


def _certificates(repositories: Repositories, issuer: Issuer, now: datetime) -> None:
    factory = {f.id: f for f in FACTORIES}
    earned = (
        ("ada", ONBOARDING, 239, False), ("bruno", ONBOARDING, 229, False), ("bruno", PIPELINES, 29, False),
        ("chiara", ONBOARDING, 199, False), ("elena", ONBOARDING, 159, False), ("farid", ONBOARDING, 149, True),
        ("nikos", ONBOARDING, 119, False), ("sofia", ONBOARDING, 99, False),
    )  # fmt: skip
    by_id = {p.id: p for p in TRAINEES}
    for trainee_id, course, hours_ago, revoked in earned:
        person = by_id[trainee_id]
        assert course.certificate is not None
        home = factory[person.factory_id or ""]
        issued_at = (now - timedelta(hours=hours_ago)).replace(microsecond=0)
        certificate = Certificate(
            id=_version(f"certificate {trainee_id} {course.id}")[:32],
            trainee_id=trainee_id,
            trainee_name=person.full_name,
            course_id=course.id,
            course_title=course.title,
            factory_id=home.id,
            factory_name=home.name,
            rule=course.certificate,
            fraction=0.94,
            issued_at=issued_at,
            evidence=((ONB1.id, ONB1.version),) if course is ONBOARDING else ((DP1.id, DP1.version),),
            status_index=repositories.certificates.next_status_index(),
        )
        repositories.certificates.add(certificate, issuer.sign(certificate))
        if revoked:
            repositories.certificates.revoke(certificate.id, now - timedelta(hours=20))


def _sessions(repositories: Repositories, now: datetime) -> None:
    def session(name: str, who: str, profile: str, device: Device | None, hours_ago: float) -> SessionRecord:
        begun_at = now - timedelta(hours=hours_ago)
        record = SessionRecord(
            _version(name)[:32], who, profile, device.uuid if device else None, SessionState.STARTING, begun_at,
            begun_at + timedelta(hours=8 if device is None else 4),
        )  # fmt: skip
        repositories.sessions.add(record)
        if device:
            lease = Lease(_version(f"lease {name}")[:32], record.id, device.uuid, begun_at, record.expires_at)
            repositories.sessions.add_lease(lease)
        return record

    lost = session("s0", "dusan", "gpu", GPU, 30)
    repositories.sessions.end_leases(lost.id, now - timedelta(hours=28))
    reason = "The driver reported an error on the GPU; the session was ended."
    repositories.sessions.set_state(lost.id, SessionState.LOST, reason, now - timedelta(hours=28))
    stopped = session("s1", "elena", "cpu", None, 26)
    repositories.sessions.set_state(stopped.id, SessionState.STOPPED, "", now - timedelta(hours=22))
    for running in (session("s2", "bruno", "gpu", GPU, 3.2), session("s3", "chiara", "gpu-slice", SLICE_A, 1.1)):
        repositories.sessions.set_state(running.id, SessionState.RUNNING)
    cpu = session("s4", "ada", "cpu", None, 1.6)
    repositories.sessions.set_state(cpu.id, SessionState.RUNNING)
    session("s5", "greta", "cpu", None, 0.002)
