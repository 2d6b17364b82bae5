"""Failures inside the shared suite are to show what was compared."""

import pytest

pytest.register_assert_rewrite("tests.contract.behaviour")
