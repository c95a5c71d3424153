"""numbers of documents, reserved as they are drafted."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this form."""
    op.create_table('document_number',
    sa.Column('company', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('ref', sa.String(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('company', 'key')
    )


def downgrade() -> None:
    """Bring the tables back to the form before."""
    op.drop_table('document_number')
