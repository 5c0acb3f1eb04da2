"""Carries what this service tells from its outbox to the queue, as one process; several may run."""

from __future__ import annotations

from shared.vocabulary import Service
from shared.worker import serve_relay


def main() -> None:
    serve_relay(Service.ATS)


if __name__ == "__main__":
    main()
