"""Document → revision."""
