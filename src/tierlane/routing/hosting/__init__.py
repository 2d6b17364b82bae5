"""Managed desks in their owner: records in, records out, state in the changelog by what changed.

`ManagedDesk` (`tierlane.routing.waiting`) knows no record, no audit and no changelog. A `Host` runs
those of one partition: it lets due timers fire before each record, tells the desk what the record
says, writes what came of it, and keeps what changed.
"""
