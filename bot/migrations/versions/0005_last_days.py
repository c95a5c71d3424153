"""the last day of a delegation, as who is away says it."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this form."""
    op.add_column('delegation', sa.Column('last_day', sa.Date(), nullable=True))


def downgrade() -> None:
    """Bring the tables back to the form before."""
    op.drop_column('delegation', 'last_day')
