"""Settings → Academy, wired: the only file that knows every class."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from factory_academy.credentials.issuer import BadgeIssuer
from factory_academy.curriculum.examination.examine import examined
from factory_academy.grading.autograder import SandboxAutograder
from factory_academy.grading.fingerprinting import ContentFingerprints
from factory_academy.grading.gradebook.book import NbgraderBook
from factory_academy.grading.handed import answers_of
from factory_academy.grading.intake import check_archive
from factory_academy.records.blobs import FolderBlobs
from factory_academy.records.passwords import Argon2Passwords
from factory_academy.records.secrets import secret
from factory_academy.records.store import RecordStore
from factory_academy.sessions.host import SessionHost, host_of
from factory_academy.sessions.inventory import NvmlInventory
from factory_academy.sessions.profiles import ProfileFile
from factory_academy.settings import Settings, read_settings
from factory_academy.workflows.certify import Certify
from factory_academy.workflows.cohort_progress import CohortProgress
from factory_academy.workflows.course_view import ViewAssignment, ViewCourse, ViewSubmission
from factory_academy.workflows.enrol import Enrol
from factory_academy.workflows.extensions.office import DeadlineOffice
from factory_academy.workflows.feedback.hints import OpenHints
from factory_academy.workflows.fetch_release import FetchRelease
from factory_academy.workflows.grade import GradeNext
from factory_academy.workflows.gradebook.sync import SyncGradebook
from factory_academy.workflows.load_catalogue import LoadCatalogue
from factory_academy.workflows.marking.office import MarkingOffice
from factory_academy.workflows.my_courses import MyCertificates, MyCourses
from factory_academy.workflows.my_session import MySession
from factory_academy.workflows.my_submissions import MySubmissions
from factory_academy.workflows.note_session import NoteSession
from factory_academy.workflows.open_session import OpenSession
from factory_academy.workflows.operations import Operations
from factory_academy.workflows.queue.dead_letters import DeadLetters, Requeue
from factory_academy.workflows.queue.drain import Drain
from factory_academy.workflows.queue.status import ViewQueue
from factory_academy.workflows.refusals.of_course import RefusalsOfCourse
from factory_academy.workflows.regrading.decide import DropRegrade, PublishRegrade
from factory_academy.workflows.regrading.keeping import Keeper
from factory_academy.workflows.regrading.one import Regrade
from factory_academy.workflows.regrading.plan import PlanRegrade
from factory_academy.workflows.regrading.report import ListRegrades, ViewRegrade
from factory_academy.workflows.regrading.run import RegradeNext, StartRegrade
from factory_academy.workflows.release_assignment import ReleaseAssignment
from factory_academy.workflows.sign_in import SignIn
from factory_academy.workflows.submit import Submit
from factory_academy.workflows.teaching import Roster, TaughtCourses, TaughtSubmission, TaughtSubmissions
from factory_academy.workflows.warm_up import WarmUp


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


class Academy:
    """Every room and workflow of one installation; each is made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = utc_now

    @cached_property
    def records(self) -> RecordStore:
        """The memory of the academy."""
        return RecordStore(self.settings.records_url)

    @cached_property
    def blobs(self) -> FolderBlobs:
        """Handed-in work and assignment versions."""
        return FolderBlobs(self.settings.blobs)

    @cached_property
    def autograder(self) -> SandboxAutograder:
        """Sandbox and judge of this machine."""
        return SandboxAutograder(self.settings.run / "grading", allow_unsandboxed=self.settings.allow_unsandboxed)

    @cached_property
    def fingerprints(self) -> ContentFingerprints:
        """What decides about tasks, and what submissions answer, as hashes."""
        return ContentFingerprints(bytes.fromhex(secret(self.settings.keys / "luck")))

    @cached_property
    def keeper(self) -> Keeper:
        """Which scores are kept."""
        return Keeper(self.fingerprints)

    @cached_property
    def inventory(self) -> NvmlInventory:
        """The GPUs of this machine."""
        return NvmlInventory()

    @cached_property
    def session_host(self) -> SessionHost:
        """This machine, as far as sessions see it."""
        return host_of(self.settings.homes, self.settings.run, self.settings.logs)

    @cached_property
    def profiles(self) -> ProfileFile:
        """The profiles on offer."""
        return ProfileFile(self.settings.profiles)

    @cached_property
    def passwords(self) -> Argon2Passwords:
        """Password hashing."""
        return Argon2Passwords()

    @cached_property
    def issuer(self) -> BadgeIssuer:
        """The signer of credentials."""
        return BadgeIssuer(self.settings.keys / "issuer.pem", self.settings.portal_url)

    @cached_property
    def sign_in(self) -> SignIn:
        """Check a name and password."""
        return SignIn(self.records, self.passwords)

    @cached_property
    def enrol(self) -> Enrol:
        """Put a trainee into a section."""
        return Enrol(self.records, self.clock)

    @cached_property
    def release_assignment(self) -> ReleaseAssignment:
        """Make an assignment version the present one."""
        return ReleaseAssignment(self.records, self.blobs, self.autograder, self.clock, examined)

    @cached_property
    def load_catalogue(self) -> LoadCatalogue:
        """Bring factories and courses on disk into the records."""
        return LoadCatalogue(self.records, self.release_assignment, self.clock)

    @cached_property
    def submit(self) -> Submit:
        """Take handed-in work."""
        return Submit(self.records, self.blobs, check_archive, self.clock)

    @cached_property
    def fetch_release(self) -> FetchRelease:
        """What a trainee begins an assignment with."""
        return FetchRelease(self.records, self.blobs)

    @cached_property
    def my_submissions(self) -> MySubmissions:
        """What a trainee handed in."""
        return MySubmissions(self.records, self.clock)

    @cached_property
    def grade_next(self) -> GradeNext:
        """One step of a grading worker."""
        return GradeNext(self.records, self.blobs, self.autograder, self.clock, keeper=self.keeper)

    @cached_property
    def warm_up(self) -> WarmUp:
        """Start what grading needs, ahead."""
        return WarmUp(self.records, self.blobs, self.autograder)

    @cached_property
    def view_queue(self) -> ViewQueue:
        """What waits, what is held, who works."""
        return ViewQueue(self.records, self.clock)

    @cached_property
    def drain(self) -> Drain:
        """Let workers take nothing new."""
        return Drain(self.records, self.clock)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """What could not be graded."""
        return DeadLetters(self.records)

    @cached_property
    def requeue(self) -> Requeue:
        """Try again what could not be graded."""
        return Requeue(self.records, self.clock)

    @cached_property
    def regrade(self) -> Regrade:
        """Grade a submission again."""
        return Regrade(self.records, self.clock)

    @cached_property
    def plan_regrade(self) -> PlanRegrade:
        """Plan to grade an assignment's submissions again."""
        return PlanRegrade(self.records, self.blobs, self.fingerprints, self.clock)

    @cached_property
    def start_regrade(self) -> StartRegrade:
        """Let workers try what a plan needs."""
        return StartRegrade(self.records, self.clock)

    @cached_property
    def regrade_next(self) -> RegradeNext:
        """One turn of a worker that nobody waits for."""
        return RegradeNext(self.records, self.blobs, self.autograder, self.keeper, self.clock)

    @cached_property
    def view_regrade(self) -> ViewRegrade:
        """What a regrade changes."""
        return ViewRegrade(self.records)

    @cached_property
    def list_regrades(self) -> ListRegrades:
        """The regrades of an assignment."""
        return ListRegrades(self.records)

    @cached_property
    def publish_regrade(self) -> PublishRegrade:
        """Let a regrade count."""
        return PublishRegrade(self.records, self.certify, self.clock)

    @cached_property
    def drop_regrade(self) -> DropRegrade:
        """Let nothing of a regrade count."""
        return DropRegrade(self.records, self.clock)

    @cached_property
    def certify(self) -> Certify:
        """Issue what is earned."""
        return Certify(self.records, self.issuer, self.clock)

    @cached_property
    def open_session(self) -> OpenSession:
        """Plan a session."""
        return OpenSession(self.records, self.profiles, self.inventory, self.clock)

    @cached_property
    def note_session(self) -> NoteSession:
        """Record what became of a session."""
        return NoteSession(self.records, self.clock)

    @cached_property
    def my_courses(self) -> MyCourses:
        """A trainee's first page."""
        return MyCourses(self.records, self.clock)

    @cached_property
    def open_hints(self) -> OpenHints:
        """The hints that a trainee may read."""
        return OpenHints(self.records, self.blobs)

    @cached_property
    def sync_gradebook(self) -> SyncGradebook:
        """Keep nbgrader's gradebook of an instructor's course in step with the records."""
        key = bytes.fromhex(secret(self.settings.keys / "marking"))
        return SyncGradebook(self.records, self.blobs, self.clock, key, self.certify, self._gradebook)

    def _gradebook(self, instructor_id: str, course_id: str) -> NbgraderBook:
        return NbgraderBook(self.settings.gradebooks / instructor_id / course_id, course_id)

    @cached_property
    def my_certificates(self) -> MyCertificates:
        """A trainee's certificates."""
        return MyCertificates(self.records)

    @cached_property
    def my_session(self) -> MySession:
        """A person's session, and what they could start."""
        return MySession(self.records, self.profiles, self.inventory, self.clock)

    @cached_property
    def view_course(self) -> ViewCourse:
        """A trainee's course."""
        return ViewCourse(self.records)

    @cached_property
    def view_assignment(self) -> ViewAssignment:
        """A trainee's assignment."""
        return ViewAssignment(self.records)

    @cached_property
    def view_submission(self) -> ViewSubmission:
        """A trainee's submission."""
        return ViewSubmission(self.records, self.clock)

    @cached_property
    def taught_courses(self) -> TaughtCourses:
        """What an instructor teaches."""
        return TaughtCourses(self.records)

    @cached_property
    def roster(self) -> Roster:
        """Who is in an instructor's course."""
        return Roster(self.records)

    @cached_property
    def taught_submissions(self) -> TaughtSubmissions:
        """What an instructor's trainees handed in."""
        return TaughtSubmissions(self.records)

    @cached_property
    def refusals_of_course(self) -> RefusalsOfCourse:
        """Which tests refused to judge an instructor's trainees."""
        return RefusalsOfCourse(self.records)

    @cached_property
    def taught_submission(self) -> TaughtSubmission:
        """One submission of an instructor's trainee."""
        return TaughtSubmission(self.records)

    @cached_property
    def cohort_progress(self) -> CohortProgress:
        """A factory manager's page."""
        return CohortProgress(self.records)

    @cached_property
    def operations(self) -> Operations:
        """An operator's page."""
        return Operations(self.records, self.inventory, self.clock)

    @cached_property
    def marking(self) -> MarkingOffice:
        """Everything that people mark: the queue, marks, rubrics, appeals."""
        key = bytes.fromhex(secret(self.settings.keys / "marking"))
        return MarkingOffice(self.records, self.blobs, answers_of, self.clock, key, self.certify)

    @cached_property
    def deadlines(self) -> DeadlineOffice:
        """Deadlines, late policies and extensions."""
        return DeadlineOffice(self.records, self.clock)


def open_academy(settings: Settings | None = None) -> Academy:
    """The academy of this machine's settings."""
    return Academy(settings or read_settings())
