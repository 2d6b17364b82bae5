"""Published queueing figures against the simulator: models, comparison, and the page of both."""
