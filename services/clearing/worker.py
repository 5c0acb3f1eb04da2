"""Handles what the other services told, and this service's due work, as one process; several may run."""

from __future__ import annotations

from services.clearing.handlers import HANDLERS
from shared.ticker import DueCommand
from shared.vocabulary import Service
from shared.worker import ServiceWorker, serve_worker

DUE: tuple[DueCommand, ...] = ()

WORKER = ServiceWorker(service=Service.CLEARING, handlers=HANDLERS, due=DUE)


def main() -> None:
    serve_worker(WORKER)


if __name__ == "__main__":
    main()
