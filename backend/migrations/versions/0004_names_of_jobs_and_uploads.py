"""A job has a name, and equal content sent under several names is one upload for each name."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_NAME_JOBS = """
    UPDATE jobs SET name = coalesce(
        (SELECT uploads.name FROM job_inputs JOIN uploads ON uploads.id = job_inputs.upload_id
         WHERE job_inputs.job_id = coalesce(jobs.inspects, jobs.id) ORDER BY job_inputs.name LIMIT 1), '')
"""
# on the way back the first of equal contents stays
_USE_FIRST = """
    UPDATE job_inputs SET upload_id =
        (SELECT first.id FROM uploads AS own JOIN uploads AS first ON first.sha256 = own.sha256
         WHERE own.id = job_inputs.upload_id ORDER BY first.created_at, first.id LIMIT 1)
"""
_DELETE_OTHERS = """
    DELETE FROM uploads WHERE EXISTS
        (SELECT 1 FROM uploads AS first WHERE first.sha256 = uploads.sha256
         AND (first.created_at < uploads.created_at
              OR (first.created_at = uploads.created_at AND first.id < uploads.id)))
"""


def upgrade() -> None:
    with op.batch_alter_table("uploads") as uploads:
        uploads.drop_constraint(op.f("uq_uploads_sha256"), type_="unique")
        uploads.create_unique_constraint(op.f("uq_uploads_sha256_name"), ["sha256", "name"])
        uploads.create_index("ix_uploads_created_at_id", ["created_at", "id"])
    op.add_column("jobs", sa.Column("name", sa.Text(), server_default="", nullable=False))
    op.execute(_NAME_JOBS)


def downgrade() -> None:
    op.drop_column("jobs", "name")
    op.execute(_USE_FIRST)
    op.execute(_DELETE_OTHERS)
    with op.batch_alter_table("uploads") as uploads:
        uploads.drop_index("ix_uploads_created_at_id")
        uploads.drop_constraint(op.f("uq_uploads_sha256_name"), type_="unique")
        uploads.create_unique_constraint(op.f("uq_uploads_sha256"), ["sha256"])
