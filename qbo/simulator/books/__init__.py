"""The books: records in their tables, the ledger, stock, currencies."""
