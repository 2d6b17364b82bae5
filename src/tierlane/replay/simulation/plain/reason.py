"""Why a scene is no plain line, in words for whoever simulates."""


class Involved(Exception):
    """A scene needs the real desk; the text says for what."""
