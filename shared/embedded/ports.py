"""Ports on the loopback address."""

import os
import random
import socket

from shared.embedded.problems import EmbeddedProblem, PortTaken

LOOPBACK = "127.0.0.1"
# Below the range that the kernel hands out for outgoing connections, so that a server that is down for half a minute
# still finds its port free.
FIRST_FREE, LAST_FREE = 20_000, 32_000
HIGHEST_PORT = 65_535


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    for port in random.SystemRandom().sample(range(FIRST_FREE, LAST_FREE), 200):
        if is_free(port):
            return port
    raise EmbeddedProblem(f"No free port found between {FIRST_FREE} and {LAST_FREE}.")


def chosen_port(variable: str, default: int) -> int:
    """The port a variable names, else the default.

    Raises EmbeddedProblem where the variable is not a port number.
    """
    written = os.environ.get(variable) or str(default)
    if not written.isdecimal() or not 0 < int(written) <= HIGHEST_PORT:
        raise EmbeddedProblem(f"{variable} must be a port number between 1 and {HIGHEST_PORT}.")
    return int(written)


def promised_port(variable: str, default: int, purpose: str) -> int:
    """A port that people type: taken by another program, it is a PortTaken and never silently another one."""
    port = chosen_port(variable, default)
    if not is_free(port):
        raise PortTaken(f"Port {port} for {purpose} is in use: end what uses it, or choose another with {variable}=.")
    return port


def preferred_port(variable: str, default: int, purpose: str) -> int:
    """A port that only our own processes use: where the default is taken, any free one will do."""
    if os.environ.get(variable):
        return promised_port(variable, default, purpose)
    return default if is_free(default) else free_port()
