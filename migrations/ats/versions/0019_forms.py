"""A council asks what it needs to know: a form per vacancy, kept as it was answered, and the policy on knock-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# Table, column, its type, and what rows have that are there, or that a process of the release before makes.
ADDED = (
    ("vacancies", "application_form", JSONB, "'{}'"),
    ("vacancies", "form_version", sa.Integer, "1"),
    ("published_jobs", "application_form", JSONB, "'{}'"),
    ("published_jobs", "form_version", sa.Integer, "1"),
    ("published_jobs", "guaranteed_interviews", JSONB, "'[]'"),
    ("applications", "form_answers", JSONB, "'{}'"),
    ("applications", "knock_outs", JSONB, "'[]'"),
    ("candidate_contacts", "details", JSONB, "'{}'"),
    ("selection_policies", "rejects_knock_outs", sa.Boolean, "false"),
)


def upgrade() -> None:
    for table, name, kind, default in ADDED:
        op.add_column(table, sa.Column(name, kind, server_default=sa.text(default), nullable=False), schema="ats")
    op.add_column("applications", sa.Column("form_version", sa.Integer, nullable=True), schema="ats")
    for table in ("api_clients", "applications"):
        op.add_column(table, sa.Column("link_address", sa.String(300), nullable=True), schema="ats")
    op.create_table(
        "vacancy_forms",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("form", JSONB, nullable=False),
        sa.Column("essential", JSONB, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["vacancy_id"], ["ats.vacancies.id"], name="fk_vacancy_forms_vacancy_id"),
        sa.PrimaryKeyConstraint("vacancy_id", "version", name="pk_vacancy_forms"),
        schema="ats",
    )
    # What has been out was out with the form that everyone had; who applied answered that.
    op.execute("SELECT set_config('app.scope', 'region', true)")
    op.execute(
        "INSERT INTO ats.vacancy_forms (employer_id, form, essential, vacancy_id, version)"
        " SELECT employer_id, '{}', essential, id, 1 FROM ats.vacancies WHERE first_published_at IS NOT NULL"
    )
    op.execute("UPDATE ats.applications SET form_version = 1 WHERE source <> 'clearing'")
    for statement in protect("ats.vacancy_forms"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("vacancy_forms", schema="ats")
    for table in ("applications", "api_clients"):
        op.drop_column(table, "link_address", schema="ats")
    op.drop_column("applications", "form_version", schema="ats")
    for table, name, _, _ in reversed(ADDED):
        op.drop_column(table, name, schema="ats")
