"""Cases on a timeline, run on pure desks: events in, and what came of them compared."""
