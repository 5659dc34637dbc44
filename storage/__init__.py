"""The database: models, migrations, repositories and queries.

Only this package knows SQLAlchemy. It gives and takes values of
`tracker.domain` and of its own, never rows that are bound to a session.
"""
