"""Datasets with their pictures and versions; names, descriptions and tags of trainings and models."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_datasets()
    _create_versions()
    for name in ("models", "jobs"):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("description", sa.Text(), nullable=False, server_default=""))
            table.add_column(sa.Column("tags", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("model_name", sa.String(128), nullable=True))
        jobs.add_column(sa.Column("dataset_id", sa.Uuid(), nullable=True))
        jobs.add_column(sa.Column("dataset_version", sa.Integer(), nullable=True))
        jobs.create_index(op.f("ix_jobs_dataset_id"), ["dataset_id"])
        jobs.create_foreign_key(
            op.f("fk_jobs_dataset_id"), "datasets", ["dataset_id"], ["id"], ondelete="SET NULL"
        )
    with op.batch_alter_table("uploads") as uploads:
        uploads.add_column(sa.Column("is_listed", sa.Boolean(), server_default=sa.true(), nullable=False))


def _create_datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("is_draft", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datasets")),
    )
    op.create_table(
        "dataset_pictures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("annotation", sa.JSON(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("split", sa.String(16), nullable=True),
        sa.Column("group_name", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_pictures_dataset_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_dataset_pictures_upload_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_pictures")),
        sa.UniqueConstraint("dataset_id", "name", name=op.f("uq_dataset_pictures_dataset_id_name")),
    )
    op.create_index(op.f("ix_dataset_pictures_upload_id"), "dataset_pictures", ["upload_id"])
    op.create_index("ix_dataset_pictures_dataset_id_position", "dataset_pictures", ["dataset_id", "position"])


def _create_versions() -> None:
    op.create_table(
        "dataset_versions",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id"], ["datasets.id"], name=op.f("fk_dataset_versions_dataset_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dataset_id", "version", name=op.f("pk_dataset_versions")),
    )
    op.create_table(
        "dataset_version_uploads",
        sa.Column("dataset_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset_id", "version"],
            ["dataset_versions.dataset_id", "dataset_versions.version"],
            name=op.f("fk_dataset_version_uploads_dataset_id_version"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_dataset_version_uploads_upload_id")
        ),
        sa.PrimaryKeyConstraint(
            "dataset_id", "version", "upload_id", name=op.f("pk_dataset_version_uploads")
        ),
    )
    op.create_index(op.f("ix_dataset_version_uploads_upload_id"), "dataset_version_uploads", ["upload_id"])


def downgrade() -> None:
    with op.batch_alter_table("uploads") as uploads:
        uploads.drop_column("is_listed")
    op.execute("DELETE FROM jobs WHERE task = 'check'")
    with op.batch_alter_table("jobs") as jobs:
        jobs.drop_constraint(op.f("fk_jobs_dataset_id"), type_="foreignkey")
        jobs.drop_index(op.f("ix_jobs_dataset_id"))
        for name in ("model_name", "dataset_id", "dataset_version", "description", "tags"):
            jobs.drop_column(name)
    with op.batch_alter_table("models") as models:
        models.drop_column("description")
        models.drop_column("tags")
    for name in ("dataset_version_uploads", "dataset_versions", "dataset_pictures", "datasets"):
        op.drop_table(name)
