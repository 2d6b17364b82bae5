"""Gates: limits on figures of a simulation or a comparison; a broken one stops a release."""
