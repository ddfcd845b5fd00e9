"""What ties a card, its buttons and the stored targets together: the digest of what is shown."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from bot.domain.proposals import Target

SHOWN = 8
BUTTON_VALUE = re.compile(r"([A-Za-z0-9_:-]{1,100})\.([0-9a-f]{8})", re.ASCII)


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


def button_value(proposal_id: str, digest: str) -> str:
    """Return the value of a card's buttons: the proposal and the digest's first 8 digits."""
    return f"{proposal_id}.{digest[:SHOWN]}"


def parse_button_value(value: object) -> tuple[str, str] | None:
    """Return proposal id and shown digest, or None when no card of ours has such a value."""
    match = BUTTON_VALUE.fullmatch(value) if isinstance(value, str) else None
    return (match[1], match[2]) if match else None
