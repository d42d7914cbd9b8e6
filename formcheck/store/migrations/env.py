"""Run by Alembic: migrates over the connection, and in the transaction, that it is given."""

from alembic import context

from formcheck.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    # SQLite takes back a half-made table as well, once the driver leaves transactions to us.
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
