"""Audit: the kept evidence of every decision and of every change of a contact's place."""
