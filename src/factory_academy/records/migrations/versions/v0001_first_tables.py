"""The first tables: people, teaching, grading with its append-only events, sessions, certificates."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_SQLITE = (
    """CREATE TRIGGER grade_event_no_update BEFORE UPDATE ON grade_event
       BEGIN SELECT RAISE(ABORT, 'grade events are append-only'); END""",
    """CREATE TRIGGER grade_event_no_delete BEFORE DELETE ON grade_event
       BEGIN SELECT RAISE(ABORT, 'grade events are append-only'); END""",
    """CREATE TRIGGER grade_event_no_replace BEFORE INSERT ON grade_event
       WHEN EXISTS (SELECT 1 FROM grade_event WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'grade events are append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION grade_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         RAISE EXCEPTION 'grade events are append-only' USING ERRCODE = 'integrity_constraint_violation';
       END $$""",
    """CREATE TRIGGER grade_event_no_update BEFORE UPDATE OR DELETE ON grade_event
       FOR EACH ROW EXECUTE FUNCTION grade_event_is_append_only()""",
    """CREATE TRIGGER grade_event_no_truncate BEFORE TRUNCATE ON grade_event
       FOR EACH STATEMENT EXECUTE FUNCTION grade_event_is_append_only()""",
)

TABLES = (
    "factory",
    "person",
    "cohort",
    "cohort_member",
    "course",
    "assignment_version",
    "section",
    "enrolment",
    "submission",
    "job",
    "grade_event",
    "session",
    "lease",
    "counter",
    "certificate",
)


def upgrade() -> None:
    """Make the tables, then the triggers that keep grade events as they were written."""
    _people()
    _teaching()
    _grading()
    _sessions()
    _certificates()
    statements = _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    """Drop everything; what was recorded is gone."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION grade_event_is_append_only()")


def _people() -> None:
    op.create_table(
        "factory",
        _text("id"),
        _text("name"),
        _text("city"),
        _text("country"),
        _text("focus"),
        sa.PrimaryKeyConstraint("id", name="pk_factory"),
    )
    op.create_table(
        "person",
        _text("id"),
        _text("full_name"),
        _text("role"),
        _text("factory_id", nullable=True),
        _text("password_hash", nullable=True),
        sa.ForeignKeyConstraint(["factory_id"], ["factory.id"], name="fk_person_factory_id_factory"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
    )
    op.create_index("ix_person_factory_id", "person", ["factory_id"])
    op.create_index("ix_person_role", "person", ["role"])
    op.create_table(
        "cohort",
        _text("id"),
        _text("factory_id"),
        _text("name"),
        sa.ForeignKeyConstraint(["factory_id"], ["factory.id"], name="fk_cohort_factory_id_factory"),
        sa.PrimaryKeyConstraint("id", name="pk_cohort"),
    )
    op.create_index("ix_cohort_factory_id", "cohort", ["factory_id"])
    op.create_table(
        "cohort_member",
        _text("cohort_id"),
        _text("trainee_id"),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohort.id"], name="fk_cohort_member_cohort_id_cohort"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_cohort_member_trainee_id_person"),
        sa.PrimaryKeyConstraint("cohort_id", "trainee_id", name="pk_cohort_member"),
    )
    op.create_index("ix_cohort_member_trainee_id", "cohort_member", ["trainee_id"])


def _teaching() -> None:
    op.create_table(
        "course",
        _text("id"),
        _text("title"),
        _text("summary"),
        _text("component"),
        _text("certificate", nullable=True),
        _text("assignment_order"),
        _number("place"),
        sa.PrimaryKeyConstraint("id", name="pk_course"),
    )
    op.create_table(
        "assignment_version",
        _text("version"),
        _text("course_id"),
        _text("name"),
        _text("title"),
        _text("tasks"),
        _text("source_version"),
        sa.Column("hardened", sa.Boolean(), nullable=False),
        _moment("due_at", nullable=True),
        _number("max_seconds"),
        _text("blob"),
        _moment("released_at"),
        sa.Column("is_present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_assignment_version_course_id_course"),
        sa.PrimaryKeyConstraint("version", name="pk_assignment_version"),
    )
    op.create_index("ix_assignment_version_course_id", "assignment_version", ["course_id"])
    op.create_index(
        "uq_assignment_version_present",
        "assignment_version",
        ["course_id", "name"],
        unique=True,
        **_where("is_present"),
    )
    op.create_table(
        "section",
        _text("id"),
        _text("course_id"),
        _text("factory_id"),
        _text("title"),
        _moment("starts_at"),
        _moment("ends_at", nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_section_course_id_course"),
        sa.ForeignKeyConstraint(["factory_id"], ["factory.id"], name="fk_section_factory_id_factory"),
        sa.PrimaryKeyConstraint("id", name="pk_section"),
    )
    op.create_index("ix_section_course_id", "section", ["course_id"])
    op.create_index("ix_section_factory_id", "section", ["factory_id"])
    op.create_table(
        "enrolment",
        _number("id"),
        _text("trainee_id"),
        _text("section_id"),
        _moment("enrolled_at"),
        _moment("withdrawn_at", nullable=True),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name="fk_enrolment_section_id_section"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_enrolment_trainee_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
    )
    op.create_index("ix_enrolment_section_id", "enrolment", ["section_id"])
    op.create_index("ix_enrolment_trainee_id", "enrolment", ["trainee_id"])
    op.create_index(
        "uq_enrolment_active", "enrolment", ["trainee_id", "section_id"], unique=True, **_where("withdrawn_at IS NULL")
    )


def _grading() -> None:
    op.create_table(
        "submission",
        _text("id"),
        _text("trainee_id"),
        _text("course_id"),
        _text("assignment_name"),
        _text("assignment_version"),
        _text("content"),
        _number("size_bytes"),
        _moment("received_at"),
        _text("state"),
        _text("reason"),
        sa.ForeignKeyConstraint(
            ["assignment_version"],
            ["assignment_version.version"],
            name="fk_submission_assignment_version_assignment_version",
        ),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_submission_course_id_course"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_submission_trainee_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint(
            "trainee_id", "assignment_version", "content", name="uq_submission_trainee_id_assignment_version_content"
        ),
    )
    op.create_index(
        "ix_submission_assignment_received", "submission", ["course_id", "assignment_name", "received_at", "id"]
    )
    op.create_index("ix_submission_assignment_version", "submission", ["assignment_version"])
    op.create_index("ix_submission_course_received", "submission", ["course_id", "received_at", "id"])
    op.create_index("ix_submission_received_at", "submission", ["received_at"])
    op.create_index("ix_submission_state", "submission", ["state"])
    op.create_index("ix_submission_trainee_received", "submission", ["trainee_id", "received_at", "id"])
    op.create_table(
        "job",
        _text("submission_id"),
        _text("trainee_id"),
        _number("priority"),
        _number("turn"),
        _moment("added_at"),
        _moment("free_at"),
        _text("asked_by"),
        _text("worker_id", nullable=True),
        _number("attempt"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_job_submission_id_submission"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_job_trainee_id_person"),
        sa.PrimaryKeyConstraint("submission_id", name="pk_job"),
    )
    op.create_index("ix_job_order", "job", ["priority", "turn", "added_at", "submission_id"])
    op.create_index("ix_job_trainee_id", "job", ["trainee_id"])
    op.create_table(
        "grade_event",
        _number("id"),
        _text("submission_id"),
        _text("actor"),
        _moment("at"),
        _text("reason"),
        sa.Column("old_earned", sa.Double(), nullable=True),
        sa.Column("new_earned", sa.Double(), nullable=False),
        sa.Column("possible", sa.Double(), nullable=False),
        _text("assignment_version"),
        _text("environment"),
        _number("seed"),
        _text("tasks"),
        _text("run"),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_grade_event_submission_id_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_grade_event"),
    )
    op.create_index("ix_grade_event_at", "grade_event", ["at"])
    op.create_index("ix_grade_event_submission", "grade_event", ["submission_id", "id"])


def _sessions() -> None:
    op.create_table(
        "session",
        _text("id"),
        _text("person_id"),
        _text("profile_id"),
        _text("device_uuid", nullable=True),
        _text("state"),
        _moment("begun_at"),
        _moment("expires_at"),
        _moment("ended_at", nullable=True),
        _text("reason"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_session_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    op.create_index("ix_session_begun_at", "session", ["begun_at"])
    op.create_index("ix_session_ended_at", "session", ["ended_at"])
    op.create_index("ix_session_person_id", "session", ["person_id"])
    op.create_table(
        "lease",
        _text("id"),
        _text("session_id"),
        _text("device_uuid"),
        _moment("begun_at"),
        _moment("expires_at"),
        _moment("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_lease_session_id_session"),
        sa.PrimaryKeyConstraint("id", name="pk_lease"),
    )
    op.create_index("ix_lease_session_id", "lease", ["session_id"])
    op.create_index("uq_lease_open", "lease", ["device_uuid"], unique=True, **_where("ended_at IS NULL"))


def _certificates() -> None:
    op.create_table(
        "counter",
        _text("name"),
        _number("value"),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "certificate",
        _text("id"),
        _text("trainee_id"),
        _text("trainee_name"),
        _text("course_id"),
        _text("course_title"),
        _text("factory_id"),
        _text("factory_name"),
        _text("rule"),
        sa.Column("fraction", sa.Double(), nullable=False),
        _moment("issued_at"),
        _text("evidence"),
        _number("status_index"),
        _moment("revoked_at", nullable=True),
        _text("credential"),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_certificate_course_id_course"),
        sa.ForeignKeyConstraint(["factory_id"], ["factory.id"], name="fk_certificate_factory_id_factory"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_certificate_trainee_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_certificate"),
        sa.UniqueConstraint("status_index", name="uq_certificate_status_index"),
        sa.UniqueConstraint("trainee_id", "course_id", name="uq_certificate_trainee_id_course_id"),
    )
    op.create_index("ix_certificate_course_id", "certificate", ["course_id"])


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
