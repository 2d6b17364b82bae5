"""The kill storm: two workers, killed again and again, and a checker of what they left."""
