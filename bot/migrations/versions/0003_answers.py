"""what answers need."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this form.

    The copy of the books is dropped, so that it is read anew at the next question:
    it now holds more kinds of documents, and lines with their signs.
    """
    for table in ('book_line', 'book_record', 'book_state'):
        op.execute(f'DELETE FROM {table}')
    op.create_table('model_month',
    sa.Column('month', sa.String(), nullable=False),
    sa.Column('tokens', sa.BigInteger(), nullable=False),
    sa.Column('asked', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('month')
    )
    op.create_table('model_choice',
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('choice', sa.String(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('person_id')
    )
    op.create_table('shown_answer',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('workspace', sa.String(), nullable=False),
    sa.Column('company', sa.String(), nullable=False),
    sa.Column('person_id', sa.String(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('action', sa.String(), nullable=False),
    sa.Column('arguments', sa.String(), nullable=False),
    sa.Column('steps', sa.String(), nullable=False),
    sa.Column('pressed', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_shown_answer_at', 'shown_answer', ['at'])
    op.create_table('misses',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('workspace', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_misses_at', 'misses', ['at'])


def downgrade() -> None:
    """Bring the tables back to the form before."""
    op.drop_index('ix_misses_at', 'misses')
    op.drop_table('misses')
    op.drop_index('ix_shown_answer_at', 'shown_answer')
    op.drop_table('shown_answer')
    op.drop_table('model_choice')
    op.drop_table('model_month')
