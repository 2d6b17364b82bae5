"""Which order explains a log best: who waited, who was taken next, and by whom.

    found = discover(waits, seed=1)

A log of any router will do. At each moment at which an advisor took a contact while contacts of
different priority waited, every order in question names the one it would have taken; its
agreement is the share of moments at which that was the one. Intervals are over days drawn anew.
"""
