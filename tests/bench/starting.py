"""How long «make demo» takes until it answers, after the installation."""

import http.client
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from tests.bench.ground import SETTINGS, Ground
from tests.bench.report import Section, Verdict

PORT = 8788
COLD = 10.0  # seconds
_ROOT = Path(__file__).resolve().parents[2]
_TIMES = 3


def sections(ground: Ground, rounds: int) -> list[Section]:
    cold, warm = [], []
    for _ in range(min(rounds, _TIMES)):
        with tempfile.TemporaryDirectory(prefix="portefeuille-demo-", ignore_cleanup_errors=True) as folder:
            data = Path(folder) / "demo"
            cold.append(_seconds(data))
            warm.append(_seconds(data))
            _make("clean-demo", data)
    rows = [["empty data folder", f"{median(cold):.1f}"], ["the same folder again", f"{median(warm):.1f}"]]
    found = f"{median(cold):.1f} s"
    return [Section("start", ["make demo", "seconds"], rows, [Verdict("under 10 s", median(cold) < COLD, found)])]


def _clean() -> dict[str, str]:
    """The environment without the measures' own settings."""
    return {name: value for name, value in os.environ.items() if name not in SETTINGS}


def _make(target: str, data: Path) -> None:
    subprocess.run(["make", target, f"DATA={data}"], cwd=_ROOT, env=_clean(), check=True, capture_output=True)


def _seconds(data: Path) -> float:
    """From the command to the first page; the demonstration is stopped then."""
    begin = time.monotonic()
    demo = subprocess.Popen(
        ["make", "demo", f"PORT={PORT}", f"DATA={data}"],
        cwd=_ROOT,
        env=_clean(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        # It says «ready» once the first page was answered; the page is asked for once more all the same.
        for line in demo.stdout or ():
            if "ready in" in line:
                break
        else:
            raise RuntimeError("make demo ended before it was ready")
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=10)
        connection.request("GET", "/", headers={"Host": f"localhost:{PORT}"})
        if connection.getresponse().status != 200:
            raise RuntimeError("the first page is not there")
        return time.monotonic() - begin
    finally:
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=60)
