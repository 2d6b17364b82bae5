"""tierlane: omnichannel contact routing as a checked, replayable policy on Kafka."""

from importlib.metadata import version

__version__ = version("tierlane")
