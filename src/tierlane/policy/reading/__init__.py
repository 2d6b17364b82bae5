"""YAML text → document: source, shapes, sections, overlays, cases."""
