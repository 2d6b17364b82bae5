"""Simulation: the real desks driven by modelled waiting, patience, service and staffing.

Rules of the house:

* Whatever is drawn hangs on seed, replication, contact and purpose alone, never on the order in
  which contacts are served: policy A and policy B meet the same customers.
* The same seed gives the same bytes, on any number of cores.
* A figure is a sum over a sum, with an interval over independent replications or batches.
"""
