"""Settings that hold for all tests."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def interrupts_arrive():
    """Ctrl-C reaches us and the processes that we start, also where the tests run in the background.

    A shell that puts a job into the background may let it ignore SIGINT, and whatever the job starts inherits that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
