"""What ties a card, its buttons and the stored targets together: the digest of what is shown."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from bot.domain.proposals import Target


def digest_of(targets: Sequence[Target]) -> str:
    """Return the SHA-256, hex, of everything frozen about the targets, in their order."""
    text = json.dumps(
        [snapshot(target) for target in targets], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def snapshot(target: Target) -> dict[str, Any]:
    """Return what is frozen of a target as JSON values: all but its state and reason."""
    return {
        "cluster": target.ref.cluster,
        "backend": target.ref.backend,
        "id": target.ref.id,
        "attempt": target.attempt,
        "name": target.name,
        "user": target.user,
        "queue": target.queue,
        "started_at": target.started_at.isoformat(),
        "cores": target.cores,
        "memory": target.memory,
        "cores_basis": str(target.cores_basis),
        "share": target.share,
        "relief": target.relief,
    }
