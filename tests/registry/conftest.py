from pathlib import Path

import pytest

from tests.registry.files import Rows, load_quietly, refusals, right_files, write


@pytest.fixture
def files() -> dict[str, Rows]:
    return right_files()


@pytest.fixture
def loaded(files: dict[str, Rows], tmp_path: Path, db: None) -> Path:
    """The register holds ``right_files``; this is the folder they came from."""
    folder = write(tmp_path / "feed", files)
    report = load_quietly(folder)
    assert report.is_clean, refusals(report)
    return folder
