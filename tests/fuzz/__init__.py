"""Fuzzing: ``make fuzz`` runs it, ``test_saved`` goes through what it kept."""
