"""Handles what the other services told, and this service's due work, as one process; several may run."""

from __future__ import annotations

from services.notifications.handlers import HANDLERS
from shared.ticker import DueCommand
from shared.vocabulary import Service
from shared.worker import Background, ServiceWorker, serve_worker

DUE: tuple[DueCommand, ...] = ()
BACKGROUND: tuple[Background, ...] = ()
WORKER = ServiceWorker(service=Service.NOTIFICATIONS, handlers=HANDLERS, due=DUE, background=BACKGROUND)


def main() -> None:
    serve_worker(WORKER)


if __name__ == "__main__":
    main()
