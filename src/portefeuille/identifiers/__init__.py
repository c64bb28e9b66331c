"""What people type and feeds bring: parse, check, show. Pure: no Django, no database.

Each module has ``parse(text)``, which returns the canonical form or raises ``cleaning.Malformed``, whose text is a
French sentence made to be shown beside the field. The sentence never repeats what was typed.
"""
