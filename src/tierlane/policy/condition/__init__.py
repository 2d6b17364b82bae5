"""Conditions in CEL: parsed, typed, and the slots of what they read."""
