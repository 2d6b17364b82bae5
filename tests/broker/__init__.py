"""Kafka brokers for the tests, the storm and the bench: real Apache Kafka, or an embedded one."""
