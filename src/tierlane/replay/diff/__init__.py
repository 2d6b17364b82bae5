"""Two policies asked about the same contacts: who would be routed differently, and why."""
