"""The programs of other people that some measures need."""

import os
import shutil
import subprocess
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "portefeuille-bench"


def chromium() -> str | None:
    """The path of a Chromium, or None."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


def lighthouse() -> Path | str:
    """The path of Lighthouse, installed in the user's cache when it is missing; or why there is none."""
    program = CACHE / "node_modules" / ".bin" / "lighthouse"
    if program.exists():
        return program
    if shutil.which("npm") is None:
        return "npm is not on this machine"
    CACHE.mkdir(parents=True, exist_ok=True)
    try:
        made = subprocess.run(
            ["npm", "install", "--prefix", str(CACHE), "--no-audit", "--no-fund", "--silent", "lighthouse@12"],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "npm did not answer in five minutes"
    if made.returncode != 0 or not program.exists():
        return "npm could not install it"
    return program
