"""The bank's February simulated day by day, beside what really happened in it."""
