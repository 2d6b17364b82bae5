"""Laws are searched for counterexamples, not timed: the machine may be busy with a broker."""

from hypothesis import settings

settings.register_profile("law", deadline=None, print_blob=True)
settings.load_profile("law")
