"""Policies: one document → checked → compiled → a decision for every contact.

`source` reads YAML with places, `overlay` merges what a policy extends, `reader` makes the document
of it, `expression` reads conditions, `condition` resolves them against the fields, `compile` builds
the revision and `revision` decides.
"""
