"""Made-up contacts, customers and advisors of eight businesses, the same for the same seed."""

from tierlane.sample.folder import Sample, write_folder

__all__ = ["Sample", "write_folder"]
