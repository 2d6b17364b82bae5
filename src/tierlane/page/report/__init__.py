"""The page of a report: what another policy would have changed, for whom, and how surely.

It is made of a report's plain data alone (`tierlane.replay.report` finds it), so that every number
on the page is one of the data. It loads nothing and needs no script.
"""
