"""docs/performance.md: its tables stand between markers and are written anew by each run."""

import os
import platform
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"


@dataclass(frozen=True)
class Verdict:
    """A target, whether it was met, and by how much; ``met`` is None when it could not be measured."""

    target: str
    met: bool | None
    found: str

    def __str__(self) -> str:
        word = {True: "met", False: "**not met**", None: "not measured"}[self.met]
        return f"{self.target}: {word}, {self.found}."


@dataclass(frozen=True)
class Section:
    """What stands between ``<!-- bench:name -->`` and ``<!-- /bench:name -->``."""

    name: str
    head: list[str]
    rows: list[list[str]]
    verdicts: list[Verdict] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = []
        if self.rows:
            lines += ["| " + " | ".join(self.head) + " |", "|---" * len(self.head) + "|"]
            lines += ["| " + " | ".join(row) + " |" for row in self.rows]
            lines.append("")
        lines += [f"- {said}" for said in (*map(str, self.verdicts), *self.remarks)]
        return "\n".join(lines)


def machine(versions: dict[str, str], rounds: int) -> Section:
    """On what, and when."""
    load = os.getloadavg()[0]
    rows = [
        ["date", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"],
        ["processor", f"{_processor()}, {os.cpu_count()} cores"],
        ["system", f"{platform.system()} {platform.release()}, Python {platform.python_version()}"],
        *[[name, version] for name, version in versions.items()],
        ["rounds", str(rounds)],
        ["load average when it began", f"{load:.1f}"],
    ]
    return Section("machine", ["", ""], rows)


def _processor() -> str:
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.machine()


def write(sections: list[Section]) -> None:
    """Replaces the sections that were measured; the others stay as an earlier run left them."""
    text = PAGE.read_text(encoding="utf-8")
    for section in sections:
        begin, end = f"<!-- bench:{section.name} -->", f"<!-- /bench:{section.name} -->"
        if begin not in text:
            raise LookupError(f"{PAGE} has no place for {section.name}")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{section}\n{end}{rest.partition(end)[2]}"
    PAGE.write_text(text, encoding="utf-8")
