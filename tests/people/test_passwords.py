"""Passwords are kept with Argon2id, and those of known breaches are refused."""

import hashlib
import logging
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from portefeuille.config import environment
from portefeuille.people.breached import is_in
from portefeuille.people.passwords import Argon2idHasher

BREACHED = "chaussette bleue sous la pluie"


def test_the_figures_stand_in_the_hash() -> None:
    hashed = Argon2idHasher().encode("pluie fine", Argon2idHasher().salt())
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Argon2idHasher().verify("pluie fine", hashed)
    assert not Argon2idHasher().verify("Pluie fine", hashed)


def digest(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def a_file(place: Path, passwords: list[str], end: str = "\r\n", count: str = ":12") -> str:
    lines = sorted(digest(password) for password in passwords)
    place.write_bytes("".join(f"{line}{count}{end}" for line in lines).encode())
    return str(place)


@pytest.mark.parametrize(("end", "count"), [("\r\n", ":12"), ("\n", ""), ("\n", ":12345678")])
@pytest.mark.parametrize("number", [1, 2, 3, 100])
def test_each_line_of_the_file_is_found_and_nothing_else(tmp_path: Path, number: int, end: str, count: str) -> None:
    passwords = [f"mot {n}" for n in range(number)]
    path = a_file(tmp_path / "breached", passwords, end, count)
    assert all(is_in(path, password) for password in passwords)
    assert not any(is_in(path, f"autre {n}") for n in range(100))


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 1000, b"\x00\xff\n" * 40])
def test_a_file_that_is_none_refuses_nobody(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "breached").write_bytes(content)
    assert not is_in(str(tmp_path / "breached"), BREACHED)


def test_a_file_that_went_away_is_said_and_refuses_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert not is_in(str(tmp_path / "gone"), BREACHED)
    assert "breached passwords cannot be read" in caplog.text


def test_a_breached_password_cannot_be_chosen(tmp_path: Path, settings: Any) -> None:
    validate_password(BREACHED)
    settings.BREACHED_PASSWORDS = a_file(tmp_path / "breached", ["x", BREACHED])
    with translation.override("fr"), pytest.raises(ValidationError, match="une fuite de données connue"):
        validate_password(BREACHED)
    validate_password("pluie fine sur le quai")


def test_a_setting_that_names_no_file_stops_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.readable("BREACHED_PASSWORDS") == ""
    for wrong in (tmp_path / "gone", tmp_path):
        monkeypatch.setenv("BREACHED_PASSWORDS", str(wrong))
        with pytest.raises(environment.WrongSetting, match="BREACHED_PASSWORDS"):
            environment.readable("BREACHED_PASSWORDS")
