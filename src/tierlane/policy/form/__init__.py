"""The policy document as frozen values: what was written, where, and what is wrong with it."""
