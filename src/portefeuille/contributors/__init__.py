"""The client's own space: who acts for them, since when, with which services, and their word about it."""
