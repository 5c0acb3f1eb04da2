"""Which checks a candidate needs before the first day, what was found, and who waived one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from shared.rls import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
TABLES = ("check_policies", "check_plans", "pre_employment_checks", "check_entries")
# An entry stays as it was written; an erasure may blank what was said of a person, and nothing else.
ONLY_BLANK = """
CREATE FUNCTION ats.only_blank_check_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.words IS NULL AND NEW.evidence_reference IS NULL
    AND to_jsonb(NEW) - 'words' - 'evidence_reference' = to_jsonb(OLD) - 'words' - 'evidence_reference' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.add_column("applications", sa.Column("checks_outstanding", sa.SmallInteger, nullable=True), schema="ats")
    create_rules()
    create_checks()
    create_entries()
    for table in TABLES:
        for statement in protect(f"ats.{table}"):
            op.execute(statement)
    op.execute(ONLY_BLANK)
    op.execute("REVOKE UPDATE, DELETE ON ats.check_entries FROM ats_app")
    op.execute("GRANT UPDATE (words, evidence_reference) ON ats.check_entries TO ats_app")
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ats.check_entries"
        " FOR EACH ROW EXECUTE FUNCTION ats.only_blank_check_words()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ats.check_entries"
        " FOR EACH STATEMENT EXECUTE FUNCTION ats.refuse_change()"
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="ats")
    op.execute("DROP FUNCTION ats.only_blank_check_words()")
    op.drop_column("applications", "checks_outstanding", schema="ats")


def create_rules() -> None:
    op.create_table(
        "check_policies",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("reference_years", sa.SmallInteger, nullable=False),
        sa.Column("abroad_years", sa.SmallInteger, nullable=False),
        sa.Column("made_by", sa.Uuid, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_check_policies"),
        sa.UniqueConstraint("employer_id", "version", name="uq_check_policies_employer_id_version"),
        schema="ats",
    )
    op.create_index(
        "ix_check_policies_employer_id_valid_from", "check_policies", ["employer_id", "valid_from"], schema="ats"
    )
    op.create_table(
        "check_plans",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("engagement", sa.String(40), nullable=False),
        sa.Column("has_lived_abroad", sa.Boolean, nullable=False),
        sa.Column("policy_version", sa.Integer, nullable=False),
        sa.Column("policy_valid_from", sa.Date, nullable=False),
        sa.Column("set_out_at", INSTANT, nullable=False),
        sa.Column("set_out_by", sa.Uuid, nullable=True),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["ats.applications.id"], name="fk_check_plans_application_id"),
        sa.PrimaryKeyConstraint("application_id", name="pk_check_plans"),
        schema="ats",
    )


def create_checks() -> None:
    op.create_table(
        "pre_employment_checks",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("vacancy_id", sa.Uuid, nullable=False),
        sa.Column("application_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("required_by", JSONB, nullable=False),
        sa.Column("asks", JSONB, nullable=False),
        sa.Column("may_waive", sa.Boolean, nullable=False),
        sa.Column("is_required", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("method", sa.String(40), nullable=True),
        sa.Column("evidence_reference", sa.String(80), nullable=True),
        sa.Column("copied_on", sa.Date, nullable=True),
        sa.Column("checked_by", sa.Uuid, nullable=True),
        sa.Column("checked_on", sa.Date, nullable=True),
        sa.Column("expires_on", sa.Date, nullable=True),
        sa.Column("follow_up_on", sa.Date, nullable=True),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("waiver", sa.String(40), nullable=True),
        sa.Column("waiver_asked_by", sa.Uuid, nullable=True),
        sa.Column("waiver_reason", sa.Text, nullable=True),
        sa.Column("risk_assessment", sa.Text, nullable=True),
        sa.Column("waiver_ends_on", sa.Date, nullable=True),
        sa.Column("waiver_decided_by", sa.Uuid, nullable=True),
        sa.Column("waiver_role", sa.String(40), nullable=True),
        sa.Column("due_on", sa.Date, nullable=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["ats.applications.id"], name="fk_pre_employment_checks_application_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pre_employment_checks"),
        sa.UniqueConstraint("application_id", "kind", name="uq_pre_employment_checks_application_id_kind"),
        schema="ats",
    )
    op.create_index(
        "ix_pre_employment_checks_due",
        "pre_employment_checks",
        ["due_on"],
        schema="ats",
        postgresql_where="due_on IS NOT NULL",
    )
    op.create_index(
        "ix_pre_employment_checks_employer_id_due_on_id",
        "pre_employment_checks",
        ["employer_id", "due_on", "id"],
        schema="ats",
    )


def create_entries() -> None:
    op.create_table(
        "check_entries",
        sa.Column("employer_id", sa.Uuid, nullable=False),
        sa.Column("check_id", sa.Uuid, nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("method", sa.String(40), nullable=True),
        sa.Column("evidence_reference", sa.String(80), nullable=True),
        sa.Column("copied_on", sa.Date, nullable=True),
        sa.Column("checked_on", sa.Date, nullable=True),
        sa.Column("expires_on", sa.Date, nullable=True),
        sa.Column("follow_up_on", sa.Date, nullable=True),
        sa.Column("waiver_ends_on", sa.Date, nullable=True),
        sa.Column("role", sa.String(40), nullable=True),
        sa.Column("words", sa.Text, nullable=True),
        sa.Column("recorded_at", INSTANT, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["ats.pre_employment_checks.id"], name="fk_check_entries_check_id"),
        sa.PrimaryKeyConstraint("id", name="pk_check_entries"),
        schema="ats",
    )
    op.create_index("ix_check_entries_check_id_id", "check_entries", ["check_id", "id"], schema="ats")
