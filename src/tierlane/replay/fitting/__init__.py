"""Fitting: distributions of patience and service, and rates of arrival, from what was recorded.

Who was answered would have waited longer: such times are censored, never taken for patience.
"""
