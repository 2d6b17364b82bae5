"""What may be published, and what is: revisions on their topic."""
