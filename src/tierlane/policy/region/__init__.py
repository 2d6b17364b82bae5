"""What contacts a policy's rows take, as regions of all contacts there can be: exact, and budgeted."""
