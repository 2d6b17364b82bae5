"""The contestants: one module each, a process of its own in every run."""
