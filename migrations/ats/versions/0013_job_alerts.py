"""Searches are saved, and what is new to them is mailed; people who work for an employer tell their stories."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("published_jobs", sa.Column("listed_at", INSTANT, nullable=True), schema="ats")
    op.create_index("ix_published_jobs_listed_at", "published_jobs", ["listed_at"], schema="ats")
    op.create_table(
        "job_alerts",
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("person_key", sa.String(64), nullable=False),
        sa.Column("search", JSONB, nullable=False),
        sa.Column("search_key", sa.String(64), nullable=False),
        sa.Column("frequency", sa.String(40), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("touched_at", INSTANT, nullable=False),
        sa.Column("link_sent_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("searched_until", INSTANT, nullable=True),
        sa.Column("keep_asked_at", INSTANT, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job_alerts"),
        sa.UniqueConstraint("person_key", "search_key", name="uq_job_alerts_person_key_search_key"),
        schema="ats",
    )
    for name, columns, where in (
        ("due", ["due_at", "search_key", "id"], "state = 'active'"),
        ("unconfirmed", ["created_at", "id"], "state = 'unconfirmed'"),
        ("touched", ["touched_at", "id"], None),
        ("asked", ["keep_asked_at", "id"], "keep_asked_at IS NOT NULL"),
    ):
        op.create_index(f"ix_job_alerts_{name}", "job_alerts", columns, schema="ats", postgresql_where=where)
    op.create_table(
        "job_alert_runs",
        sa.Column("alert_id", sa.Uuid, nullable=False),
        sa.Column("run_on", sa.Date, nullable=False),
        sa.Column("new_jobs", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["ats.job_alerts.id"], name="fk_job_alert_runs_alert_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", "run_on", name="pk_job_alert_runs"),
        schema="ats",
    )
    op.create_index("ix_job_alert_runs_run_on", "job_alert_runs", ["run_on"], schema="ats")
    # They belong to no employer: the person alone by their link, and the region's workers.
    for table, person in (("job_alerts", "id"), ("job_alert_runs", "alert_id")):
        for statement in protect(f"ats.{table}", employers=(), subjects=(person,)):
            op.execute(statement)

    tell_stories()


def tell_stories() -> None:
    op.create_table(
        "case_studies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("summary", sa.String(300), nullable=False),
        sa.Column("story", sa.Text, nullable=False),
        sa.Column("person_job_title", sa.String(120), nullable=False),
        sa.Column("consent_given_on", sa.Date, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("position", sa.SmallInteger, nullable=False),
        sa.Column("family", sa.String(60), nullable=True),
        sa.Column("consent_withdrawn_on", sa.Date, nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_studies"),
        schema="ats",
    )
    columns = ["employer_id", "position", "id"]
    op.create_index("ix_case_studies_employer_id_position_id", "case_studies", columns, schema="ats")
    for statement in protect("ats.case_studies", readable="state = 'published'"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("case_studies", schema="ats")
    op.drop_table("job_alert_runs", schema="ats")
    op.drop_table("job_alerts", schema="ats")
    op.drop_index("ix_published_jobs_listed_at", "published_jobs", schema="ats")
    op.drop_column("published_jobs", "listed_at", schema="ats")
