"""Benchmarks: what a contact costs, beside the peers, in one run on one machine."""
