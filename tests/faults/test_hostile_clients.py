"""Hostile clients, at a third of the size of `python -m tests.faults.hostile_clients`."""

import pytest

from tests.application import Application
from tests.faults.hostile_clients import LIMITS, Result, api_process, loads, measure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MAX_GROWTH = 150_000_000  # bytes, over all loads
MAX_SECONDS = 1.5  # of one request of others among a hundred; the machine may be busy
HELD = {"half requests": "408", "slow bodies": "408", "of headers": "431", "event streams": "200"}


def test_hostile_clients_cost_others_little(capsys: pytest.CaptureFixture[str]) -> None:
    results: list[Result] = []
    with Application(**LIMITS) as application:
        start = api_process(application).memory_info().rss
        for load in loads(0.3):
            results.append(measure(application, load))
            with capsys.disabled():
                print(f"\n{results[-1]}", end="")
        assert application.get("/readyz").status == 200

    for result in results:
        assert result.during.failures == 0, result
        assert result.during.percentile(0.99) < MAX_SECONDS * 1000, result
        for name, status in HELD.items():
            if name in result.name:
                assert result.outcomes[status] > 0, result
                assert result.outcomes["closed"] == 0, result
    assert max(max(result.during.memory) for result in results) - start < MAX_GROWTH
