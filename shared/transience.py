"""Which errors say nothing about the work itself: a part was away, or two transactions met."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.errors import TransientFailure

# Connection lost, rolled back (serialization, deadlock), out of resources, shutting down, lock timeout.
TRANSIENT_STATES = ("08", "40", "53", "57P", "55P03")


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed unchanged in a moment. A statement that runs too long is not transient."""
    if isinstance(error, TransientFailure | PoolTimeout | InterfaceError | ConnectionError):
        return True
    if isinstance(error, DBAPIError):
        state = getattr(error.orig, "sqlstate", None)
        if state is None:
            return isinstance(error, OperationalError) or error.connection_invalidated
        return state.startswith(TRANSIENT_STATES)
    return False
