"""Each case through the API and the worker."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.cases.cases import CASES, Case


@pytest.mark.usefixtures("inline_worker")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
def test_a_file_has_its_values(
    case: Case, client: TestClient, record_property: Callable[[str, object], None]
) -> None:
    record_property("case", (case.file, case.action, case.describe(case.expected)))
    values = case.observe(client, case.file)
    now = {name: values.get(name) for name in case.expected}
    record_property("now", case.describe(now))

    assert now == case.expected
