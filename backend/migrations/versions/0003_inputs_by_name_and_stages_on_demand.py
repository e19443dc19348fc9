"""A job takes inputs by name, and its stages may be computed by a job of their own."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

# the only input that each task had until now
_MOVE = """
    INSERT INTO job_inputs (job_id, name, upload_id)
    SELECT id,
           CASE WHEN task = 'train' THEN 'dataset'
                WHEN capability IN ('clustering', 'tabular') THEN 'table'
                ELSE 'image' END,
           upload_id
    FROM jobs WHERE upload_id IS NOT NULL OR upload_deleted
"""


def upgrade() -> None:
    op.create_table(
        "job_inputs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["jobs.id"], name=op.f("fk_job_inputs_job_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_job_inputs_upload_id")),
        sa.PrimaryKeyConstraint("job_id", "name", name=op.f("pk_job_inputs")),
    )
    op.create_index(op.f("ix_job_inputs_upload_id"), "job_inputs", ["upload_id"], unique=False)
    op.execute(_MOVE)
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_index(op.f("ix_jobs_upload_id"))
        jobs.drop_constraint(op.f("fk_jobs_upload_id"), type_="foreignkey")
        for name in ("upload_id", "upload_deleted", "dataset_id", "preemptions", "seed"):
            jobs.drop_column(name)
        jobs.add_column(sa.Column("inspects", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("error_message", sa.JSON(), nullable=True))
        jobs.create_unique_constraint(op.f("uq_jobs_inspects"), ["inspects"])
        jobs.create_foreign_key(op.f("fk_jobs_inspects"), "jobs", ["inspects"], ["id"], ondelete="CASCADE")


def downgrade() -> None:
    op.execute("DELETE FROM jobs WHERE task = 'inspect'")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("fk_jobs_inspects"), type_="foreignkey")
        jobs.drop_constraint(op.f("uq_jobs_inspects"), type_="unique")
        jobs.drop_column("inspects")
        jobs.drop_column("error_message")
        jobs.add_column(sa.Column("upload_id", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("upload_deleted", sa.Boolean(), server_default=sa.false(), nullable=False))
        jobs.add_column(sa.Column("dataset_id", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("preemptions", sa.Integer(), server_default="0", nullable=False))
        jobs.add_column(sa.Column("seed", sa.Integer(), nullable=True))
        jobs.create_foreign_key(op.f("fk_jobs_upload_id"), "uploads", ["upload_id"], ["id"])
        jobs.create_index(op.f("ix_jobs_upload_id"), ["upload_id"])
    # a job of several inputs keeps one of them
    op.execute(
        "UPDATE jobs SET upload_id = (SELECT min(upload_id) FROM job_inputs WHERE job_id = jobs.id)"
        if op.get_bind().dialect.name == "sqlite"
        else "UPDATE jobs SET upload_id = (SELECT upload_id FROM job_inputs WHERE job_id = jobs.id LIMIT 1)"
    )
    op.execute(
        "UPDATE jobs SET upload_deleted = (1 = 1) WHERE EXISTS "
        "(SELECT 1 FROM job_inputs WHERE job_id = jobs.id AND upload_id IS NULL)"
    )
    op.drop_table("job_inputs")
