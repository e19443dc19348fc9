"""A shorter form of `python -m tests.faults.outages`."""

import pytest

from tests.faults import outages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", list(outages.SCENES))
def test_an_outage_under_load_loses_doubles_and_fails_no_job(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account = outages.inflict(name, outages.SHORT_SECONDS)
    with capsys.disabled():
        print(f"\n{account}")

    assert account.accepted
    assert (account.lost, account.doubled, account.failed) == (0, 0, 0)
    assert outages.NAMED[name] in account.not_ready
    assert account.readyz_ms < 2_000
