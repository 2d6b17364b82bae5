"""Events in, effects out: the pure state machines that own a partition each.

`intake` decides contacts and keeps what is known of their customers; `desk` follows advisors. Both
are driven the same way by the stream worker, by replay and by tests: see `Intake` for the calls.
"""
