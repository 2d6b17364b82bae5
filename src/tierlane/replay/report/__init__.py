"""Reports: what another policy, or another staff, would have changed, for whom, and how surely.

Everything that is found is plain data; `tierlane.page.report` makes a page of it.
"""
