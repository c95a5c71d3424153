"""what answers need."""

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


def downgrade() -> None:
    """Bring the tables back to the form before."""
