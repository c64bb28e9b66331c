"""Attacks at full size, through the real endpoints: figures for docs/security/."""
