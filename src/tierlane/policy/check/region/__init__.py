"""What contacts each row of a policy takes: regions of all there can be, exact and budgeted."""
