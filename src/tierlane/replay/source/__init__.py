"""Public logs of service centres, read as events: one module for each."""
