"""Cases on a timeline, run on the desks that run live: events in, and what came of them compared."""
