"""`python -m tests.cases`: a table of the cases with the values expected and the values now."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "test_cases.py"
HEADER = ("file", "do", "expected", "value now")


class Table:
    """A plugin of pytest that keeps what the tests record."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, ...]] = [HEADER]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        recorded = dict(report.user_properties)
        if report.when == "call" and isinstance(case := recorded.get("case"), tuple):
            error = report.longreprtext.splitlines()[-1:] if report.failed else []
            now = str(recorded.get("now", *error))
            self.rows.append((*case, f"FAILED: {now}" if report.failed else now))

    def __str__(self) -> str:
        widths = [max(len(row[column]) for row in self.rows) for column in range(len(HEADER))]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in self.rows
        )
        return "\n".join(line.rstrip() for line in lines)


def main() -> int:
    table = Table()
    status = pytest.main(["-q", "--no-header", "--tb=no", str(TESTS)], plugins=[table])
    sys.stdout.write(f"{table}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
