"""``portefeuille demo``: everything on this machine, from nothing to an address to open; ``clean-demo`` undoes it."""

import argparse
import hashlib
import http.client
import os
import shutil
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from portefeuille.cli import register, surroundings
from portefeuille.cli.database import migrate
from portefeuille.cli.saying import Progress, Refusal, complain, say
from portefeuille.cli.supervision import Child, Children, last_lines
from portefeuille.private_postgres import Cluster
from portefeuille.private_postgres.cluster import remove

ANSWER_SECONDS = 60.0
#: What a demonstration writes in its folder beside the cluster: ``clean-demo`` removes this and nothing else.
OURS = ("secrets.json", "demo.json", "audit-checkpoints.jsonl", "rejects.csv", ".secrets.lock", "postgres.start.lock")
OUR_FOLDERS = ("registry", "static", "logs")


def declare(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser("demo", help="run a demonstration on this machine, until Ctrl-C")
    demo.add_argument(
        "--port", type=_port, default=8000, help="port to listen on, on this machine only (default: 8000)"
    )
    demo.add_argument("--data", type=Path, default=surroundings.DEMO_FOLDER, help="data folder (default: ./var/demo)")
    demo.add_argument("--registry", type=Path, help="folder of a register to show instead of a made-up one")
    demo.add_argument(
        "--accounts", type=register.count, default=2000, help="size of the made-up register (default: 2000)"
    )
    demo.set_defaults(run=run_demo)
    clean = commands.add_parser("clean-demo", help="remove what a demonstration keeps; it must be stopped")
    clean.add_argument("--data", type=Path, default=surroundings.DEMO_FOLDER, help="data folder (default: ./var/demo)")
    clean.set_defaults(run=run_clean)


def run_demo(options: argparse.Namespace) -> int:
    folder = surroundings.absolute(options.data)
    given = surroundings.absolute(options.registry) if options.registry else None
    if given is not None and not given.is_dir():
        raise Refusal(f"{given} is not a folder.", 2)
    reserved = _reserve(options.port, folder)
    inherited = dict(os.environ)
    progress = Progress()
    cluster = Cluster(folder)
    with progress.step("Starting PostgreSQL"):
        cluster.start()
    with cluster:
        settings = surroundings.settings_of(folder, cluster, options.port)
        surroundings.Surroundings(folder, cluster, settings).apply()
        own = {*settings, *(f"{name}_FILE" for name in settings)}
        environment = {name: value for name, value in inherited.items() if name not in own} | settings
        with Children(environment, folder / "logs") as children, ThreadPoolExecutor(1) as aside:
            pages = aside.submit(_collect_static)  # compressing needs no database
            with progress.step("Preparing the database"):
                migrate(progress.detail)
            feed = _load_register(folder, given, options.accounts, progress)
            with progress.step("Preparing the pages"):
                surroundings.remember(folder, static=pages.result())
            reserved.close()
            web = children.start("web", "serve", f"--port={options.port}")
            children.start("worker", "worker")
            told = _seed(folder, feed, progress, with_clients=given is None)
            with progress.step("Waiting for the first page"):
                _wait_for_answer(options.port, web)
            say(told)
            complain(f"ready in {progress.total():.1f} s; Ctrl-C stops it. Data: {folder}")
            return _watch(children, cluster)


def _watch(children: Children, cluster: Cluster) -> int:
    """Keeps everything running until Ctrl-C or SIGTERM, which is how a demonstration ends well."""
    try:
        while True:
            children.look()
            if cluster.revive():
                complain("PostgreSQL had ended: it runs again.")
            time.sleep(0.5)
    except SystemExit:
        complain("stopping; «make demo» finds everything as it is now.")
        return 0


def run_clean(options: argparse.Namespace) -> int:
    folder = surroundings.absolute(options.data)
    if not folder.is_dir():
        say(f"There is nothing in {folder}.")
        return 0
    remove(folder)
    for name in OUR_FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in OURS:
        (folder / name).unlink(missing_ok=True)
    (folder / "postgres.users.lock").unlink(missing_ok=True)
    left = sorted(path.name for path in folder.iterdir())
    if left:
        say(f"Removed. Left in {folder}, since it is not ours: {', '.join(left)}")
    else:
        folder.rmdir()
        say(f"Removed {folder}.")
    return 0


def _reserve(port: int, folder: Path) -> socket.socket:
    """A socket that keeps others off the port until ours listens; Refusal when it is taken.

    The web processes share their port among themselves, and would share it with a stranger's that does the same.
    """
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind(("127.0.0.1", port))
    except PermissionError:
        probe.close()
        raise Refusal(
            f"Port {port} is for the system. Choose one from 1024: --port 8001 (make demo PORT=8001)."
        ) from None
    except OSError:
        probe.close()
        other = port + 1 if port < 65535 else 8000
        ours = " (by this very demonstration, perhaps)" if surroundings.recall(folder).get("port") == port else ""
        raise Refusal(
            f"Port {port} is taken{ours}. "
            f"Stop what uses it, or choose another: --port {other} (make demo PORT={other})."
        ) from None
    return probe


def _collect_static() -> str:
    """Gathers and compresses the static files when one of them changed; what they are known by."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    stamp = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            stamp.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    if surroundings.recall(root.parent).get("static") != stamp.hexdigest() or not root.is_dir():
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    return stamp.hexdigest()


def _load_register(folder: Path, given: Path | None, accounts: int, progress: Progress) -> Path:
    """Loads the register when it is new or its files changed; the folder it is in."""
    feed = given or folder / "registry"
    noted = surroundings.recall(folder).get("loaded")
    if given is None and not _made_before(noted, feed):
        from portefeuille.registry.generate import generate

        with progress.step(f"Making up a register of {accounts} accounts"):
            generate(accounts=accounts, seed=1, out=feed)
    stamp = f"{feed}\0{_stamp(feed)}"
    if noted == stamp:
        return feed
    with progress.step(f"Loading the register {feed if given else ''}".rstrip()):
        report, _ = register.load(feed, progress.detail if given else lambda _line: None, rejects=folder)
    if given or not report.is_clean:
        register.tell(report)
    if report.problem or all(file.refusal for file in report.files):
        raise Refusal(f"Nothing of the register in {feed} could be loaded. «portefeuille registry check» tells more.")
    if report.is_accepted:
        surroundings.remember(folder, loaded=stamp)
    return feed


def _made_before(noted: object, feed: Path) -> bool:
    return isinstance(noted, str) and noted.startswith(f"{feed}\0") and feed.is_dir()


def _stamp(feed: Path) -> str:
    stamp = hashlib.sha256()
    for path in sorted(feed.glob("*.csv*")):
        found = path.stat()
        stamp.update(f"{path.name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return stamp.hexdigest()


def _seed(folder: Path, feed: Path, progress: Progress, *, with_clients: bool) -> str:
    """Makes the firms and their members, and says in French who can sign in and what to add."""
    from portefeuille.demo import examples, passwords, people, seed, telling

    printed = (*people.PEOPLE, *people.AGENTS)
    known = passwords.of(folder, [person.email for person in (*printed, people.APPLICANT)])
    noted = surroundings.recall(folder)
    with progress.step("Making the firms"):
        firm = seed.firms(known)
        seed.office(known)
        if with_clients and noted.get("clients") != "added":
            added = seed.clients(firm, feed)
            surroundings.remember(folder, clients="added")
            progress.detail(f"{added} clients added")
        seed.invitations(firm)
    with progress.step("Picking clients to add"):
        cases = examples.pick(feed, firm.pk)
        client = examples.with_address(firm.pk)
    return telling.page(
        address=os.environ["SITE_ADDRESS"], people=printed, passwords=known, cases=cases, client=client
    )


def _wait_for_answer(port: int, web: Child) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        answer = 0
        try:
            connection.request("GET", "/sante/", headers={"Host": f"localhost:{port}"})
            answer = connection.getresponse().status
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if answer == 200:
            return
        status = web.process.poll()
        if status is not None or time.monotonic() >= deadline:
            told = f"ended with status {status}" if status is not None else f"answers {answer or 'nothing'}"
            raise Refusal(f"The web process {told}: {last_lines(web.log)} (its log: {web.log})")
        time.sleep(0.05)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)
