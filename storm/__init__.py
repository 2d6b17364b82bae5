"""The kill storm: workers, killed again and again, and a checker of what they left."""
