"""Which machines an application's executors run on."""

import random

from .scenario import AppSpec, NodeSpec

Placement = tuple[tuple[int, float], ...]
"""Pairs of node index and the share of the application on it; shares add up to 1."""


class Placer:
    """Puts executors one by one on the machine with the most left of what it has least of."""

    def __init__(self, nodes: NodeSpec, rng: random.Random) -> None:
        """Start with empty machines; `rng` breaks ties. Free parts run from 1 down to 0."""
        self._vcores = [1.0] * nodes.count
        self._memory = [1.0] * nodes.count
        self._nodes = nodes
        self._random = rng
        self._next = 0

    def place(self, spec: AppSpec) -> Placement:
        """Choose machines for the largest size the application will have."""
        vcores, memory = spec.peak_vcores, spec.peak_memory_mb
        executors = max(1, round(vcores / spec.executor_vcores))
        if spec.max_nodes == 1:
            self._next = (self._next + 1) % self._nodes.count
            return ((self._next, 1.0),)
        allowed = self._allowed(spec.max_nodes)
        counts: dict[int, int] = {}
        for _ in range(executors):
            node = max(allowed, key=lambda index: min(self._vcores[index], self._memory[index]))
            counts[node] = counts.get(node, 0) + 1
            if spec.runs:
                self._vcores[node] -= vcores / executors / self._nodes.vcores
                self._memory[node] -= memory / executors / self._nodes.memory_mb
        return tuple((node, count / executors) for node, count in sorted(counts.items()))

    def _allowed(self, limit: int) -> list[int]:
        nodes = list(range(self._nodes.count))
        self._random.shuffle(nodes)
        return nodes[:limit] if limit else nodes
