"""What working on one delivery comes to: posts to be queued, and work to follow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.domain.posts import Post


@dataclass(frozen=True, slots=True)
class Outcome:
    """The posts are queued in the transaction that ends the delivery; `then` runs after it."""

    posts: tuple[Post, ...] = ()
    then: Callable[[], Awaitable[object]] | None = None


NOTHING = Outcome()
