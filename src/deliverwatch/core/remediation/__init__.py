"""Tier 1 remediation: the addressee's own standard form, filled from recorded facts.

A draft is prepared for a person to check, complete and send; the program submits nothing. `form` is what an addressee
asks for, `addressee` who is asked by whom, `facts` the closed list of what may stand in a field, `case` what is
recorded about one cause. `gather` turns that into facts, `make` fills the form (`fields`, `missing`, `evidence`), and
`edits` lays over it what a person wrote; `against` and `etiquette` say what speaks against asking now. `draft` is the
result with its life, `life` what comes next, `no_request` why something open makes none.
"""
