"""On whose behalf the history is asked. It shows and changes what is theirs, and to nobody what is nobody's.

Chainlit does not tell its data layer. But it looks up the user of every request and of every socket by their name, in
the task that then serves it, before it asks anything else; and what happens in a session knows the session's user.
Our own routes say it themselves, with `asked_by`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from chainlit.context import ChainlitContextException, context

_asker: ContextVar[str | None] = ContextVar("asker", default=None)


@contextmanager
def asked_by(user: str) -> Generator[None]:
    """Meanwhile it is this user who asks."""
    mark = _asker.set(user)
    try:
        yield
    finally:
        _asker.reset(mark)


def from_now_on(user: str) -> None:
    """In this task, and in those that it starts, it is this user who asks."""
    _asker.set(user)


def who_asks() -> str | None:
    """The user's name; None when nobody is known to be asking."""
    named = _asker.get()
    if named is not None:
        return named
    try:
        user = context.session.user
    except ChainlitContextException:
        return None
    return None if user is None else str(user.identifier)
