"""The queue, fair between courses too; who works on it, how long gradings take, and how often one may hand in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COURSE_OF_JOB = (
    "UPDATE job SET course_id = (SELECT submission.course_id FROM submission WHERE submission.id = job.submission_id)"
)


def upgrade() -> None:
    """Jobs learn their course, and why they were tried again; workers, pauses and durations get tables."""
    op.add_column("job", sa.Column("course_id", sa.Text(), nullable=False, server_default=""))
    for name in ("course_turn", "losses", "faults"):
        op.add_column("job", _number(name, server_default="0"))
    op.execute(COURSE_OF_JOB)
    op.execute("UPDATE job SET course_turn = turn")
    op.drop_index("ix_job_order", "job")
    op.create_index("ix_job_order", "job", ["priority", "course_turn", "added_at", "submission_id"])
    op.create_index("ix_job_in_course", "job", ["course_id", "priority", "turn", "added_at", "submission_id"])
    op.add_column("assignment_version", _number("attempts_per_hour", nullable=True))
    op.create_table(
        "grading_worker",
        sa.Column("id", sa.Text(), nullable=False),
        _moment("begun_at"),
        _moment("seen_at"),
        sa.PrimaryKeyConstraint("id", name="pk_grading_worker"),
    )
    op.create_table(
        "grading_pause",
        _number("id"),
        _moment("since_at"),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grading_pause"),
    )
    op.create_table(
        "grading_duration",
        _number("id"),
        sa.Column("course_id", sa.Text(), nullable=False),
        sa.Column("assignment_name", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_grading_duration"),
    )
    op.create_index("ix_grading_duration_of", "grading_duration", ["course_id", "assignment_name", "id"])


def downgrade() -> None:
    """Jobs keep their place between people, and forget the rest."""
    for table in ("grading_duration", "grading_pause", "grading_worker"):
        op.drop_table(table)
    op.drop_column("assignment_version", "attempts_per_hour")
    op.drop_index("ix_job_in_course", "job")
    op.drop_index("ix_job_order", "job")
    op.create_index("ix_job_order", "job", ["priority", "turn", "added_at", "submission_id"])
    for name in ("faults", "losses", "course_turn", "course_id"):
        op.drop_column("job", name)


def _number(name: str, **more: Any) -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, **{"nullable": False, **more})


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)
