"""Codes that the body sends to a client's address of record: whoever gives one back reads that client's post."""
