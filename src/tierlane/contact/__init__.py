"""Contacts: the events they are made of, how events are read, and what each does in each state."""
