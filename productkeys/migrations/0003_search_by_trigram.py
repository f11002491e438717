"""On PostgreSQL, an index that finds any part of a name or comment; SQLite scans its (smaller) table."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# The expression is what Django writes for `search_text__contains`: a cast to text and LIKE.
_CREATE = """CREATE INDEX IF NOT EXISTS key_search_trigram ON productkeys_productkey
             USING gin ((search_text::text) gin_trgm_ops)"""


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_CREATE)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS key_search_trigram")


class Migration(migrations.Migration):
    dependencies = [("productkeys", "0002_trail_only_grows")]
    operations = [TrigramExtension(), migrations.RunPython(create, drop)]
