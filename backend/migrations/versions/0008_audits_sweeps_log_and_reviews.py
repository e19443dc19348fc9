"""Audits in model cards, sweeps of fits, the log of decisions, and reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("models") as models:
        models.add_column(sa.Column("review_from", sa.Float(), nullable=True))
        models.add_column(sa.Column("review_to", sa.Float(), nullable=True))
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("parent_id", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("cell", sa.Integer(), nullable=True))
        jobs.add_column(sa.Column("requested_by", sa.String(100), nullable=True))
        jobs.create_index(op.f("ix_jobs_parent_id"), ["parent_id"])
        jobs.create_foreign_key(op.f("fk_jobs_parent_id"), "jobs", ["parent_id"], ["id"], ondelete="CASCADE")
    op.create_table(
        "model_audits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_model_audits_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_audits")),
        sa.UniqueConstraint("job_id", name=op.f("uq_model_audits_job_id")),
    )
    op.create_index(op.f("ix_model_audits_model_id"), "model_audits", ["model_id"])
    op.create_table(
        "log_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("commitments", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=True),
        sa.Column("hash", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_entries")),
        sa.UniqueConstraint("position", name=op.f("uq_log_entries_position")),
    )
    op.create_index(op.f("ix_log_entries_at_id"), "log_entries", ["at", "id"])
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    with op.batch_alter_table("artifacts") as artifacts:
        artifacts.add_column(sa.Column("sha256", sa.String(64), nullable=True))
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("correction", sa.JSON(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("dataset_id", sa.Uuid(), nullable=True),
        sa.Column("picture_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("decided_at", sa.Float(), nullable=True),
        sa.Column("notify_at", sa.Float(), nullable=True),
        sa.Column("notify_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_reviews_job_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_reviews_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("job_id", name=op.f("uq_reviews_job_id")),
    )
    op.create_index(op.f("ix_reviews_model_id"), "reviews", ["model_id"])
    op.create_index(op.f("ix_reviews_notify_at"), "reviews", ["notify_at"])
    op.create_index("ix_reviews_status_created_at_id", "reviews", ["status", "created_at", "id"])


def downgrade() -> None:
    for name in ("reviews", "log_head", "log_entries", "model_audits"):
        op.drop_table(name)
    op.execute("DELETE FROM jobs WHERE parent_id IS NOT NULL OR task IN ('audit', 'sweep')")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("fk_jobs_parent_id"), type_="foreignkey")
        jobs.drop_index(op.f("ix_jobs_parent_id"))
        for column in ("parent_id", "cell", "requested_by"):
            jobs.drop_column(column)
    with op.batch_alter_table("artifacts") as artifacts:
        artifacts.drop_column("sha256")
    with op.batch_alter_table("models") as models:
        models.drop_column("review_from")
        models.drop_column("review_to")
