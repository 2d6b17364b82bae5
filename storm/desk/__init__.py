"""The kill storm at managed desks: advisors answer from a process of their own."""
