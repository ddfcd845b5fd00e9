"""What ties a card, its buttons and the stored targets together: the digest of what is shown."""

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.applications import Shared
from bot.domain.proposals import Target
from bot.domain.shared_services import shared_service


def digest_of(targets: Sequence[Target]) -> str:
    """Return the SHA-256, hex, of everything frozen about the targets, in their order."""
    text = json.dumps(
        [snapshot(target) for target in targets], sort_keys=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def snapshot(target: Target) -> dict[str, Any]:
    """Return what is frozen of a target as JSON values: all but its state and reason."""
    more = {"granted_cores": target.granted_cores, "partly": target.partly or None}
    told = {name: value for name, value in more.items() if value is not None}
    return told | {
        "cluster": target.ref.cluster,
        "backend": target.ref.backend,
        "id": target.ref.id,
        "attempt": target.attempt,
        "name": target.name,
        "user": target.user,
        "queue": target.queue,
        "started_at": target.started_at and target.started_at.isoformat(),
        "cores": target.cores,
        "memory": target.memory,
        "cores_basis": str(target.cores_basis),
        "share": target.share,
        "relief": target.relief,
    }


class Caution(StrEnum):
    """What an approver should think of before a target dies, as far as its own figures tell."""

    PROD = "prod"
    STREAMING = "streaming"
    SHARED = "shared"
    YOUNG = "young"
    SCHEDULED = "scheduled"


YOUNG = timedelta(minutes=10)
_SCHEDULERS = {"airflow", "oozie", "azkaban", "dagster", "luigi", "prefect", "nifi"}


def cautions(target: Target, at: datetime) -> tuple[Caution, ...]:
    """Return what speaks for care at a time; names are all that tells a stream or a service."""
    service = shared_service(target.name)
    holds = {
        Caution.PROD: "prod" in re.split(r"[^a-z]+", target.queue.casefold()),
        Caution.STREAMING: service is Shared.STREAM,
        Caution.SHARED: service is not None and service is not Shared.STREAM,
        Caution.YOUNG: target.started_at is not None and at - target.started_at < YOUNG,
        Caution.SCHEDULED: target.user.casefold() in _SCHEDULERS,
    }
    return tuple(caution for caution, held in holds.items() if held)
