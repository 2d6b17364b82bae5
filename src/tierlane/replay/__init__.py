"""What was recorded, read again: sources of events and an in-memory driver."""
