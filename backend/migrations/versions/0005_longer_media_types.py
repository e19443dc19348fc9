"""Media types of up to 128 characters: that of an Excel workbook has 65, which PostgreSQL refused."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("uploads", "artifacts"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("media_type", type_=sa.String(128))


def downgrade() -> None:
    for table in ("uploads", "artifacts"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("media_type", type_=sa.String(64))
