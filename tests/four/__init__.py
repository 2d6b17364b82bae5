"""Timelines four ways: purely, restored at each step, live on Kafka with a kill, and replayed."""
