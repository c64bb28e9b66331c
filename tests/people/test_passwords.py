"""Passwords are kept with Argon2id."""

from portefeuille.people.passwords import Argon2idHasher


def test_the_figures_stand_in_the_hash() -> None:
    hashed = Argon2idHasher().encode("pluie fine", Argon2idHasher().salt())
    assert hashed.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Argon2idHasher().verify("pluie fine", hashed)
    assert not Argon2idHasher().verify("Pluie fine", hashed)
