"""Spreadsheets in, reports out: many clients added through the same act as one («Ajouter en nombre»)."""
