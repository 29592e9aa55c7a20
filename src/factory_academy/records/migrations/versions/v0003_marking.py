"""Marking by people: rubrics, marks, comments, appeals; extensions and late policies."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "rubric",
    "task_rubric",
    "marking_policy",
    "mark",
    "marking_claim",
    "remark",
    "snippet",
    "appeal",
    "deadline",
    "extension",
)
FOR_EVER = ("mark", "rubric")


def upgrade() -> None:
    """Make the tables, and the triggers that keep marks and rubrics as they were written."""
    op.add_column("grade_event", sa.Column("asked_by", sa.Text(), nullable=False, server_default=""))
    _rubrics()
    _marks()
    _comments()
    _deadlines()
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in FOR_EVER:
        for statement in _postgresql(table) if is_postgresql else _sqlite(table):
            op.execute(statement)


def downgrade() -> None:
    """Drop what this version made, with all that is in it."""
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION is_kept_for_ever()")
    op.drop_column("grade_event", "asked_by")


def _sqlite(table: str) -> tuple[str, ...]:
    key = "version" if table == "rubric" else "id"
    abort = f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are kept for ever'); END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {abort}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {abort}",
        f"""CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
            WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key}) {abort}""",
    )


def _postgresql(table: str) -> tuple[str, ...]:
    function = """CREATE OR REPLACE FUNCTION is_kept_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         RAISE EXCEPTION 'rows are kept for ever' USING ERRCODE = 'integrity_constraint_violation';
       END $$"""
    return (
        function,
        f"""CREATE TRIGGER {table}_no_update BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION is_kept_for_ever()""",
        f"""CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION is_kept_for_ever()""",
    )


def _rubrics() -> None:
    op.create_table(
        "rubric",
        _text("version"),
        _text("body"),
        _text("made_by"),
        _moment("made_at"),
        _foreign("rubric", "made_by", "person"),
        sa.PrimaryKeyConstraint("version", name="pk_rubric"),
    )
    op.create_table(
        "task_rubric",
        _text("assignment_version"),
        _text("task_id"),
        _text("rubric_version"),
        _foreign("task_rubric", "assignment_version", "assignment_version", "version"),
        _foreign("task_rubric", "rubric_version", "rubric", "version"),
        sa.PrimaryKeyConstraint("assignment_version", "task_id", name="pk_task_rubric"),
    )
    op.create_table(
        "marking_policy",
        _text("section_id"),
        _text("assignment_name"),
        _text("body"),
        _foreign("marking_policy", "section_id", "section"),
        sa.PrimaryKeyConstraint("section_id", "assignment_name", name="pk_marking_policy"),
    )


def _marks() -> None:
    op.create_table(
        "mark",
        _number("id"),
        _text("submission_id"),
        _text("task_id"),
        _text("marker_id"),
        _text("kind"),
        sa.Column("earned", sa.Double(), nullable=False),
        sa.Column("possible", sa.Double(), nullable=False),
        _moment("at"),
        _text("comment"),
        _text("levels"),
        _text("rubric_version"),
        _foreign("mark", "submission_id", "submission"),
        _foreign("mark", "marker_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_mark"),
    )
    op.create_index("ix_mark_submission", "mark", ["submission_id", "id"])
    op.create_table(
        "marking_claim",
        _text("submission_id"),
        _text("task_id"),
        _text("marker_id"),
        _moment("until"),
        _foreign("marking_claim", "submission_id", "submission"),
        _foreign("marking_claim", "marker_id", "person"),
        sa.PrimaryKeyConstraint("submission_id", "task_id", name="pk_marking_claim"),
    )


def _comments() -> None:
    op.create_table(
        "remark",
        _number("id"),
        _text("submission_id"),
        _text("person_id"),
        _moment("at"),
        _text("text"),
        _foreign("remark", "submission_id", "submission"),
        _foreign("remark", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_remark"),
    )
    op.create_index("ix_remark_submission_id", "remark", ["submission_id"])
    op.create_table(
        "snippet",
        _text("id"),
        _text("owner_id"),
        _text("course_id"),
        _text("text"),
        _moment("made_at"),
        _foreign("snippet", "owner_id", "person"),
        _foreign("snippet", "course_id", "course"),
        sa.PrimaryKeyConstraint("id", name="pk_snippet"),
    )
    op.create_index("ix_snippet_owner", "snippet", ["owner_id", "course_id"])
    op.create_table(
        "appeal",
        _text("id"),
        _text("submission_id"),
        _text("task_id"),
        _text("reason"),
        _moment("opened_at"),
        _moment("answer_by"),
        _text("state"),
        _text("answered_by", nullable=True),
        _moment("answered_at", nullable=True),
        _text("answer"),
        _foreign("appeal", "submission_id", "submission"),
        _foreign("appeal", "answered_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal"),
        sa.UniqueConstraint("submission_id", "task_id", name="uq_appeal_submission_id_task_id"),
    )
    op.create_index("ix_appeal_state", "appeal", ["state"])


def _deadlines() -> None:
    op.create_table(
        "deadline",
        _number("id"),
        _text("course_id"),
        _text("assignment_name"),
        _text("section_id", nullable=True),
        _moment("due_at", nullable=True),
        _text("policy", nullable=True),
        _text("set_by", nullable=True),
        _moment("set_at"),
        _foreign("deadline", "course_id", "course"),
        _foreign("deadline", "section_id", "section"),
        _foreign("deadline", "set_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_deadline"),
    )
    op.create_index("ix_deadline_assignment", "deadline", ["course_id", "assignment_name", "id"])
    op.create_table(
        "extension",
        _number("id"),
        _text("course_id"),
        _text("assignment_name"),
        _text("trainee_id"),
        _number("extra_seconds"),
        _text("reason"),
        _text("given_by"),
        _moment("given_at"),
        _foreign("extension", "course_id", "course"),
        _foreign("extension", "trainee_id", "person"),
        _foreign("extension", "given_by", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_extension"),
    )
    op.create_index("ix_extension_assignment", "extension", ["course_id", "assignment_name", "trainee_id", "id"])
    op.create_index("ix_extension_trainee_id", "extension", ["trainee_id"])


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _foreign(table: str, column: str, other: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=f"fk_{table}_{column}_{other}")
