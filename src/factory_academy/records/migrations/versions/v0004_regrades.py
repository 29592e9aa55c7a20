"""Regrades: plans, their score differences, and scores by content."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("regrade", "regrade_unit", "regrade_item", "kept_score")
_IS_OPEN = "state IN ('planned', 'running')"


def upgrade() -> None:
    """Make the tables of regrades and of scores that are kept, and let courses say what a lower result does."""
    op.add_column("course", sa.Column("regrade_policy", sa.Text(), nullable=False, server_default="keep_better"))
    _regrade()
    _regrade_unit()
    _regrade_item()
    op.create_table(
        "kept_score",
        _text("key"),
        _text("score"),
        _moment("kept_at"),
        sa.PrimaryKeyConstraint("key", name="pk_kept_score"),
    )


def downgrade() -> None:
    """Drop them, with all that is in them; grades that were published stay."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("course", "regrade_policy")


def _regrade() -> None:
    op.create_table(
        "regrade",
        _text("id"),
        _text("course_id"),
        _text("assignment_name"),
        _text("version"),
        _text("environment"),
        _text("policy"),
        _text("reason"),
        _text("planned_by"),
        _moment("planned_at"),
        _text("state"),
        _text("changed"),
        _number("untouched"),
        _number("cached"),
        sa.Column("seconds_each", sa.Double(), nullable=False),
        _text("started_by"),
        _moment("started_at", nullable=True),
        _text("decided_by"),
        _moment("decided_at", nullable=True),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name="fk_regrade_course_id_course"),
        sa.ForeignKeyConstraint(
            ["version"], ["assignment_version.version"], name="fk_regrade_version_assignment_version"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_regrade"),
    )
    op.create_index("ix_regrade_course_id", "regrade", ["course_id"])
    op.create_index(
        "uq_regrade_open",
        "regrade",
        ["course_id", "assignment_name"],
        unique=True,
        sqlite_where=sa.text(_IS_OPEN),
        postgresql_where=sa.text(_IS_OPEN),
    )


def _regrade_unit() -> None:
    op.create_table(
        "regrade_unit",
        _text("regrade_id"),
        _number("number"),
        _text("content"),
        _text("answers"),
        _text("tasks"),
        _text("known"),
        _text("state"),
        _moment("free_at"),
        _text("worker_id", nullable=True),
        _number("attempt"),
        _text("problem"),
        _text("outcome_state"),
        _text("outcome_reason"),
        _text("scores"),
        _text("run"),
        sa.ForeignKeyConstraint(["regrade_id"], ["regrade.id"], name="fk_regrade_unit_regrade_id_regrade"),
        sa.PrimaryKeyConstraint("regrade_id", "number", name="pk_regrade_unit"),
    )
    op.create_index("ix_regrade_unit_waiting", "regrade_unit", ["state", "free_at"])


def _regrade_item() -> None:
    op.create_table(
        "regrade_item",
        _text("regrade_id"),
        _text("submission_id"),
        _text("trainee_id"),
        _number("event_number"),
        _number("unit"),
        _text("decision"),
        sa.ForeignKeyConstraint(
            ["regrade_id", "unit"],
            ["regrade_unit.regrade_id", "regrade_unit.number"],
            name="fk_regrade_item_regrade_id_unit_regrade_unit",
        ),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_regrade_item_submission_id_submission"),
        sa.ForeignKeyConstraint(["trainee_id"], ["person.id"], name="fk_regrade_item_trainee_id_person"),
        sa.PrimaryKeyConstraint("regrade_id", "submission_id", name="pk_regrade_item"),
    )
    op.create_index("ix_regrade_item_submission_id", "regrade_item", ["submission_id"])


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _moment(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
