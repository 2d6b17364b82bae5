"""Proof that a record follows from its inputs: they are done again, by the same machines."""
