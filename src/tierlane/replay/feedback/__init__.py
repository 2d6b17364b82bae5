"""Outcomes joined to decisions: which rules serve whom well, which never fire, which miss."""
