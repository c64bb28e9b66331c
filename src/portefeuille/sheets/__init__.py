"""Files for spreadsheets, written as a stream: a file of any length takes the memory of a few rows.

No cell is ever a formula (docs/security: what somebody typed into a name must not act in somebody else's spreadsheet).
Pure: imports nothing of ours.
"""
