"""Ports for servers that are told theirs before they start."""

import contextlib
import random
import socket

# Below what Linux and macOS give to outgoing connections: one of those could take the port
# between our look and the server's start.
PORTS = range(20_000, 30_000)
HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Return so many ports of 127.0.0.1 nobody uses now, all different."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(found) < count:
            port = random.SystemRandom().choice(PORTS)
            probe = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                found.append(port)
    return found


def free_port() -> int:
    """Return a port of 127.0.0.1 nobody uses now."""
    return free_ports(1)[0]
