"""Columns that mark deleted uploads of jobs and deleted models."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "jobs", sa.Column("upload_deleted", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("models", sa.Column("deleted_at", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("models", "deleted_at")
    op.drop_column("jobs", "upload_deleted")
