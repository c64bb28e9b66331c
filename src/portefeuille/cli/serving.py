"""``portefeuille serve`` and ``portefeuille worker``: the two kinds of processes of a deployment."""

import argparse
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portefeuille.cli import surroundings
from portefeuille.cli.jobs import IDLE_SECONDS, Job, Patience, answers

#: Number of a pipe's descriptor that our starter holds open for as long as it lives.
LIFELINE = "PORTEFEUILLE_LIFELINE"
EACH_MINUTE = 60.0

logger = logging.getLogger(__name__)


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    serve = commands.add_parser("serve", help="run the web processes")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=8000, help="port to listen on (default: 8000)")
    serve.add_argument("--workers", type=int, default=2, help="how many processes (default: 2)")
    serve.add_argument("--threads", type=int, default=4, help="threads of each process (default: 4)")
    serve.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/data)")
    serve.set_defaults(run=run_serve)
    worker = commands.add_parser(
        "worker", help="run the process that sends e-mails, adds clients from files, signs the trail"
    )
    worker.add_argument("--data", type=Path, help="data folder (default: DATABASE_URL, else ./var/data)")
    worker.set_defaults(run=run_worker)


def run_serve(options: argparse.Namespace) -> int:
    follow_starter()
    with surroundings.of(options.data, surroundings.DATA_FOLDER) as around:
        os.environ.update(around.settings)
        if around.cluster is not None:
            # In a process of its own: the workers are forked from this one, which keeps clear of Django.
            command = [sys.executable, "-m", "portefeuille.cli", "migrate"]
            if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
                return 1
        from granian import Granian
        from granian.constants import Interfaces

        # The server handles its own signals; SystemExit from ours would cut its workers' requests.
        Granian(
            "portefeuille.config.wsgi:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=options.threads,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=10,
            log_access=False,
        ).serve(target_loader=_application)
    return 0


def _application(_target: str) -> Callable[..., Any]:
    """The WSGI application, in a worker process, which then ends with the process that made it."""
    starter = os.getppid()

    def watch() -> None:
        while os.getppid() == starter:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="starter", daemon=True).start()
    from portefeuille.config.wsgi import application

    return application


def run_worker(options: argparse.Namespace) -> int:
    stopping = threading.Event()
    with surroundings.of(options.data, surroundings.DATA_FOLDER) as around:
        around.apply(unhurried=False)
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, lambda *_: stopping.set())
        follow_starter()
        work(stopping)
    return 0


def work(stopping: threading.Event) -> None:
    """Delivers what is due and works on imported files until ``stopping``; each minute, closes what clients left
    unanswered, applies new flat rates to the facts, forgets the letters printed before today and spent sessions and
    links, and signs the trail.

    A database that goes away is waited for, and a job that fails leaves the others their turn.
    """
    from django.conf import settings
    from django.db import connection

    from portefeuille.audit.checkpoints import sign_heads
    from portefeuille.backoffice.letters import forget_old_batches
    from portefeuille.enrolments.bulk import work_due
    from portefeuille.enrolments.client_word import expire_due
    from portefeuille.enrolments.following import follow_old
    from portefeuille.imports import working as imports
    from portefeuille.outbox.delivery import deliver_due
    from portefeuille.people.forgetting import forget_spent
    from portefeuille.posted_codes.requests import answer_due
    from portefeuille.registry.flat_rates import apply_due

    jobs = [
        *(Job(do) for do in (answer_due, deliver_due, imports.work, work_due, follow_old)),
        # A full batch is followed by the next at once.
        *(Job(do, EACH_MINUTE) for do in (apply_due, forget_old_batches, expire_due, forget_spent)),
    ]
    if settings.AUDIT_CHECKPOINTS and settings.AUDIT_SIGNING_SEED:
        jobs.append(Job(sign_heads, EACH_MINUTE, rests=True))
    patience = Patience()
    while not stopping.is_set():
        if not answers():
            rest = patience.longer()
            logger.warning("the database is away; trying again in %.0f s", rest)
            stopping.wait(rest)
            continue
        patience = Patience()
        if not sum(job.turn() for job in jobs):
            stopping.wait(IDLE_SECONDS)
    connection.close()


def follow_starter() -> None:
    """Ends this process (SIGTERM) when the program that started it is gone, be it by ``kill -9``."""
    descriptor = os.environ.pop(LIFELINE, "")
    if not descriptor:
        return

    def watch() -> None:
        try:
            os.read(int(descriptor), 1)  # nothing is ever written: it returns when the other end is gone
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
