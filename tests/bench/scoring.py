"""Lighthouse on the pages that people see most."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.bench.ground import PORT, Ground
from tests.bench.report import Section, Verdict
from tests.bench.server import serving
from tests.bench.tools import chromium, lighthouse

LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100}
_HEAD = ["page", *LEAST]


def sections(ground: Ground, rounds: int) -> list[Section]:
    browser, program = chromium(), lighthouse()
    missing = program if isinstance(program, str) else "there is no Chromium" if browser is None else ""
    if missing:
        return [Section("lighthouse", _HEAD, [], [Verdict("100, 100 and 95", None, missing)])]
    largest = max(ground.firms)
    firm = f"/cabinets/{ground.firms[largest].uid}/"
    cookie = {"Cookie": f"session={ground.sessions[largest]}"}
    pages: list[tuple[str, str, dict[str, str]]] = [
        ("the list, 20 000 clients", f"{firm}clients/", cookie),
        ("the dashboard", firm, cookie),
        ("the home page", "/", {}),
    ]
    rows, verdicts = [], []
    with serving(ground):
        for name, address, headers in pages:
            report = _ask(Path(program), str(browser), address, headers, ground.folder)
            if report is None:
                verdicts.append(
                    Verdict(f"{name}: 95, 100 and 100", None, "Lighthouse and Chromium lost each other twice")
                )
                continue
            scores = {kind: round((report["categories"][kind]["score"] or 0) * 100) for kind in LEAST}
            rows.append([name, *map(str, scores.values())])
            short = [f"{kind} {scores[kind]} ({_why(report, kind)})" for kind in LEAST if scores[kind] < LEAST[kind]]
            verdicts.append(Verdict(f"{name}: 95, 100 and 100", not short, "; ".join(short) or "all three"))
    return [Section("lighthouse", _HEAD, rows, verdicts)]


def _ask(program: Path, browser: str, address: str, headers: dict[str, str], folder: Path) -> Any:
    """Its report; None when it failed, and failed again."""
    out = folder / "lighthouse.json"
    command = [
        str(program), f"http://localhost:{PORT}{address}", "--output=json", f"--output-path={out}", "--quiet",
        "--preset=desktop", "--chrome-flags=--headless=new --no-sandbox", f"--extra-headers={json.dumps(headers)}",
        f"--only-categories={','.join(LEAST)}",
    ]  # fmt: skip
    for _ in range(2):
        ran = subprocess.run(
            command, env={**os.environ, "CHROME_PATH": browser}, check=False, capture_output=True, timeout=300
        )
        if ran.returncode == 0:
            return json.loads(out.read_text(encoding="utf-8"))
    return None


def _why(report: Any, kind: str) -> str:
    """The audits that took points away."""
    weighed = [entry["id"] for entry in report["categories"][kind]["auditRefs"] if entry["weight"]]
    lost = [name for name in weighed if (report["audits"][name]["score"] or 0) < 0.9]
    return ", ".join(
        name for name in lost if report["audits"][name]["scoreDisplayMode"] not in ("notApplicable", "manual")
    )
