"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "athlete",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_athlete"),
        sa.UniqueConstraint("name", name="uq_athlete_name"),
    )
    _make_sets()
    _make_parts("set_tag", sa.Column("tag", sa.String(100), nullable=False), key=["set_id", "tag"])
    _make_parts("set_report", sa.Column("json", sa.Text(), nullable=False), key=["set_id"])
    _make_parts(
        "set_value",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("error", sa.Float()),
        sa.Column("unit", sa.String(20), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=False),
        key=["name", "set_id"],
        sqlite_with_rowid=False,
    )
    _make_parts("set_landmarks", sa.Column("npz", sa.LargeBinary(), nullable=False), key=["set_id"])
    _make_parts(
        "set_picture",
        sa.Column("rep", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(20), nullable=False),
        sa.Column("time_s", sa.Float(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        key=["set_id", "rep", "position"],
    )
    _make_parts(
        "set_video",
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        key=["set_id", "part"],
    )


def _make_sets() -> None:
    op.create_table(
        "training_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("athlete_id", sa.Integer(), nullable=False),
        sa.Column("performed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exercise", sa.String(100)),
        sa.Column("load_kg", sa.Float()),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("clip_name", sa.Text(), nullable=False),
        sa.Column("clip_sha256", sa.String(64), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("model", sa.String(50), nullable=False),
        sa.Column("view", sa.String(20), nullable=False),
        sa.Column("reps", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("video_bytes", sa.BigInteger(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_training_set"),
        sa.UniqueConstraint(
            "athlete_id", "clip_sha256", name="uq_training_set_athlete_id_clip_sha256"
        ),
        sa.ForeignKeyConstraint(
            ["athlete_id"],
            ["athlete.id"],
            name="fk_training_set_athlete_id_athlete",
            ondelete="CASCADE",
        ),
        # An id is never given again: "set 12" stays what it was, also after it was deleted.
        sqlite_autoincrement=True,
    )
    for columns in (["performed_at"], ["exercise", "performed_at"]):
        op.create_index(f"ix_training_set_{'_'.join(columns)}", "training_set", columns)


def _make_parts(
    table: str, *columns: sa.Column[object], key: list[str], sqlite_with_rowid: bool = True
) -> None:
    """Make a table of what belongs to a set, and goes with it."""
    op.create_table(
        table,
        sa.Column("set_id", sa.Integer(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["set_id"],
            ["training_set.id"],
            name=f"fk_{table}_set_id_training_set",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=sqlite_with_rowid,
    )
    if key[0] != "set_id":
        op.create_index(f"ix_{table}_set_id", table, ["set_id"])
