"""A managed desk as a pure machine: the waiting line, the advisors, offers and the steps' time.

Rules of the house:

* Events in, changes out. Time, causes and ids are handed in; nothing is drawn.
* Timers due at t fire before events at t, and offers are made after both.
* A contact is in one place: it waits here, is served here, or is handed over.
* Nobody returns to an earlier step, and a priority that a step set stays.
* An offer holds the advisor's room from when it is made; every acceptance is confirmed or revoked.
"""
