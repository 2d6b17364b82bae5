"""Policies: one document → checked → compiled → a decision for every contact.

`reading` makes a `form` of YAML, `condition` reads its CEL, `compiling` builds the revision and
`deciding` asks it; `line` reckons with those who wait. `trial` runs cases, `check` finds what is
doubtful, `publish` says what may be made live. Each uses only what stands below it in the import
contract of `pyproject.toml`.
"""
