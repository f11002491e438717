"""What commands for scripts share: a portal whose keys cannot be asked is no verdict."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError

from productkeys.key_ring import KeyRingProblem


@contextmanager
def asking_the_portal(*, otherwise: int) -> Iterator[None]:
    """End the command with the code `otherwise` where the database or the key ring gives no answer."""
    try:
        yield
    except KeyRingProblem as problem:
        raise CommandError(str(problem), returncode=otherwise) from None
    except DatabaseError as error:
        raise CommandError(f"The database cannot be used: {error}", returncode=otherwise) from None
