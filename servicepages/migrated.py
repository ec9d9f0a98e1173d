from django.db import connections
from django.db.migrations.executor import MigrationExecutor


def is_migrated(using="default") -> bool:
    """Whether every migration has been applied: `migrate` of a single app stops halfway, and there is
    nothing to set up in half a database."""
    executor = MigrationExecutor(connections[using])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
