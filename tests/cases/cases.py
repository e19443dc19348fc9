"""Files that were misread once: what is done with each, and the values that answer must have.

Expected values come from pandas, scikit-learn, Pillow or arithmetic. `test_cases.py` asserts them, and
`python -m tests.cases` prints them beside the values now.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient
from httpx2 import Response
from PIL import Image

from models.core.images import codec

FILES = Path(__file__).parent / "files"

Values = Mapping[str, Any]

_WIDEST = 90  # characters of a text in a table


@dataclass(frozen=True)
class Near:
    """A number within `tolerance`."""

    value: float
    tolerance: float = 0.001

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and abs(other - self.value) <= self.tolerance

    def __repr__(self) -> str:
        return f"{self.value:.7g}"


@dataclass(frozen=True)
class AtLeast:
    least: float

    def __eq__(self, other: object) -> bool:
        return isinstance(other, int | float) and other >= self.least

    def __repr__(self) -> str:
        return f"at least {self.least:g}"


@dataclass(frozen=True)
class OneWith:
    """A list of texts of which one contains each of the parts."""

    parts: tuple[str, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, list) and any(all(part in text for part in self.parts) for text in other)

    def __repr__(self) -> str:
        return " ... ".join(self.parts)


def one_with(*parts: str) -> OneWith:
    return OneWith(parts)


@dataclass(frozen=True)
class Case:
    """`observe` uploads the file and returns the values to be compared with the expected ones."""

    file: str
    action: str
    observe: Callable[[TestClient, str], Values]
    expected: Values

    def describe(self, values: Values) -> str:
        return "; ".join(f"{name} {_text(value, self.expected[name])}" for name, value in values.items())


def _text(value: Any, expected: Any) -> str:
    if isinstance(expected, OneWith) and isinstance(value, list):  # of all notes, the one that is asked for
        value = next((note for note in value if expected == [note]), "; ".join(value))
    if isinstance(value, list | tuple):
        return ", ".join(_text(each, None) for each in value)
    text = f"{round(value, 9) + 0.0:.7g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}..."


def upload(client: TestClient, file: str) -> dict[str, Any]:
    return _json(client.post("/v1/uploads", params={"name": file}, content=(FILES / file).read_bytes()))


def report(client: TestClient, file: str) -> dict[str, Any]:
    return _json(client.get(f"/v1/uploads/{upload(client, file)['id']}/table"))


def predict(client: TestClient, capability: str, file: str, params: Values) -> dict[str, Any]:
    """The result of the finished job."""
    job = _json(_post(client, capability, file, {"params": json.dumps(params)}, "application/json"))
    assert job["status"] == "succeeded", job["error"]
    return job["result"]


def picture(client: TestClient, capability: str, file: str, **query: str) -> np.ndarray:
    """The values of the answer, 0 to 255, (height, width[, channels])."""
    answer = _post(client, capability, file, query, "image/png")
    assert answer.headers["content-type"] == "image/png", answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def _post(client: TestClient, capability: str, file: str, query: Mapping[str, str], accept: str) -> Response:
    content = (FILES / file).read_bytes()
    query = {"name": file, **query}
    return client.post(f"/v1/predict/{capability}", params=query, content=content, headers={"accept": accept})


def _json(answer: Response) -> dict[str, Any]:
    assert answer.is_success, f"{answer.status_code}: {answer.json().get('detail')}"
    return answer.json()


def _overview(client: TestClient, file: str) -> dict[str, Any]:
    """Rows, delimiter, names, and the mean of each column of numbers as `mean of <name>`."""
    table = report(client, file)
    means = {
        f"mean of {column['name']}": column["mean"]
        for column in table["columns"]
        if column["type"] == "number"
    }
    return {
        "rows": table["rows"],
        "delimiter": repr(table["delimiter"]),
        "header": ", ".join(column["name"] for column in table["columns"]),
        "decimal": table["decimal"],
        "problems": [problem["what"] for problem in table["problems"]],
        **means,
    }


def _currencies(client: TestClient, file: str) -> Values:
    result = predict(client, "tabular", file, {"target": "sold", "features": ["rooms", "share"]})
    weights = {each["feature"]: each["sold"] for each in result["coefficients"]}
    return {**_overview(client, file), **weights, "R²": result["quality"]["test"]["r2"]}


def _missing_values(client: TestClient, file: str) -> Values:
    """The categories by default, and the number of missing values if NA and None are set to mean them."""
    table = report(client, file)
    columns = {column["name"]: sorted(column["histogram"]["words"]) for column in table["columns"][:2]}
    options = json.dumps({"missing_values": ["NA", "None"]})
    upload_id = upload(client, file)["id"]
    set_missing = _json(client.get(f"/v1/uploads/{upload_id}/table", params={"options": options}))
    missing = [column["missing"] for column in set_missing["columns"][:2]]
    return {**columns, "missing if set": missing}


def _identifiers(client: TestClient, file: str) -> Values:
    ids = report(client, file)["columns"][0]
    return {"distinct": ids["distinct"], "smallest": ids["smallest"]}


def _types(client: TestClient, file: str) -> Values:
    return {column["name"]: column["type"] for column in report(client, file)["columns"]}


def _whole_numbers(client: TestClient, file: str) -> Values:
    by_default = predict(client, "tabular", file, {})
    as_classes = predict(client, "tabular", file, {"target_as": "classes"})
    return {"notes": by_default["notes"], "target_as classes": as_classes["task"]}


def _ten_rows(client: TestClient, file: str) -> Values:
    result = predict(client, "tabular", file, {})
    return {"test rows": result["rows"]["test"], "notes": result["notes"]}


def _decomposed_name(client: TestClient, file: str) -> Values:
    columns = predict(client, "clustering", file, {"columns": ["Größe"]})["columns"]
    return {**_overview(client, file), "columns": columns}


def _identifier(client: TestClient, file: str) -> Values:
    params = {"n_clusters": 2, "scaling": "none"}
    notes = predict(client, "clustering", file, params)["notes"]
    without = predict(client, "clustering", file, params | {"columns": ["a", "b"]})
    return {"notes": notes, "centers without": sorted(each["centroid"]["a"] for each in without["clusters"])}


def _workbook(client: TestClient, file: str) -> Values:
    result = predict(client, "clustering", file, {})
    clustered = result["rows"]["clustered"]
    return {**_overview(client, file), "clustered": clustered, "columns": result["columns"]}


def _tickets(client: TestClient, file: str) -> Values:
    result = predict(client, "clustering", file, {})
    columns = {column["name"]: column for column in report(client, file)["columns"]}
    return {
        "type of Ticket": columns["Ticket"]["type"],
        "type of Age": columns["Age"]["type"],
        "missing in Age": columns["Age"]["missing"],
        "columns": ", ".join(result["columns"]),
        "left out": ", ".join(result["left_out"]),
        "notes": result["notes"],
    }


def _doubled(client: TestClient, file: str) -> Values:
    answer = picture(client, "super_resolution", file, model="psnr-x2")
    return {"mean": round(float(answer.mean()), 3)}


def _denoised(client: TestClient, file: str) -> Values:
    return {"size": picture(client, "denoising", file).shape[:2]}


def _panorama(client: TestClient, file: str) -> Values:
    result = predict(client, "detection", file, {})
    return {"objects": len(result["objects"]), "notes": result.get("notes", [])}


def _phone(client: TestClient, file: str) -> Values:
    result = predict(client, "detection", file, {})
    return {"size": tuple(result["image"].values()), "objects": len(result["objects"])}


def _turned(client: TestClient, file: str) -> Values:
    """The picture that the pages draw beneath the boxes, beside the model's and the stored one."""
    shown = Image.open(io.BytesIO(client.get(upload(client, file)["picture_url"]).content)).convert("RGB")
    data = (FILES / file).read_bytes()
    difference = np.abs(np.asarray(shown, float) - np.asarray(codec.read(data).color, float))
    return {
        "stored": Image.open(io.BytesIO(data)).size,
        "shown": shown.size,
        "under boxes of": tuple(predict(client, "detection", file, {})["image"].values()),
        "largest difference from the model's": difference.max().item(),
    }


_BY_TWO = "psnr-x2"

CASES = (
    Case("01-euro-windows-1252.csv", "report", _overview, {"rows": 40, "mean of Miete": Near(848.325)}),
    Case(
        "03-german-thousands.csv",
        "report",
        _overview,
        {"rows": 3, "mean of pop": Near(5880.667), "mean of price": Near(3.5)},
    ),
    Case("04-german-millions.csv", "report", _overview, {"rows": 3, "mean of pop": Near(430158)}),
    Case(
        "06-excel-sep-line.csv",
        "report",
        _overview,
        {"delimiter": "';'", "header": "x, y", "rows": 3, "mean of x": Near(3), "mean of y": Near(4)},
    ),
    Case(
        "07-currency-percent.csv",
        "report; fit sold to rooms and share",
        _currencies,
        {
            "rows": 60,
            "mean of price": Near(3329),
            "mean of share": Near(38.5),
            "rooms": Near(100),
            "share": Near(0.7),
            "intercept": Near(0),
            "R²": Near(1),
        },
    ),
    Case(
        "09-two-year-header.csv",
        "report",
        _overview,
        {"header": "country, 2019, 2021", "rows": 3, "mean of 2019": Near(3), "mean of 2021": Near(4)},
    ),
    Case(
        "10-NA-None-words.csv",
        "report; the same with missing_values",
        _missing_values,
        {"cc": ["DE", "NA", "US"], "level": ["High", "Low", "None"], "missing if set": [2, 3]},
    ),
    Case("11-big-integers.csv", "report", _identifiers, {"distinct": 20, "smallest": 1234567890123456700}),
    Case(
        "12-classes-0-1-2.csv",
        "fit; the same with target_as",
        _whole_numbers,
        {
            "notes": one_with(
                "3 distinct whole numbers in 'species'", "quantity", "set the target as classes"
            ),
            "target_as classes": "classification",
        },
    ),
    Case("14-dates-dash-and-short.csv", "report", _types, {"d1": "date", "d2": "date", "d3": "date"}),
    Case(
        "17-nfd-header.csv",
        "report; clustering, column in NFC",
        _decomposed_name,
        {"rows": 30, "mean of Größe": Near(85 / 30), "columns": ["Größe"]},
    ),
    Case(
        "18-id-column.csv",
        "clustering, 2 clusters, no scaling",
        _identifier,
        {
            "notes": one_with("Column 'id' changes by 1 from each row to the next"),
            "centers without": [Near(0.4), Near(8.5)],
        },
    ),
    Case("20-float-0-to-1.tif", _BY_TWO, _doubled, {"mean": Near(127.031, 0.1)}),
    Case("22a-16-bit-all-below-256.png", _BY_TWO, _doubled, {"mean": Near(0.5, 0.01)}),
    Case("22b-16-bit-one-pixel-256.png", _BY_TWO, _doubled, {"mean": Near(0.5, 0.01)}),
    Case("23-gray-icc-linear.png", _BY_TWO, _doubled, {"mean": Near(188, 0.5)}),
    Case(
        "25-panorama-12000x600.jpg",
        "detection",
        _panorama,
        {"objects": AtLeast(40), "notes": one_with("shrinks by a factor of 54", "slices")},
    ),
    Case("26-phone.heic", "detection", _phone, {"size": (320, 213), "objects": AtLeast(1)}),
    Case(
        "28-table.xlsx",
        "report; clustering",
        _workbook,
        {"rows": 20, "mean of a": Near(2), "clustered": 20, "columns": ["a", "b"]},
    ),
    Case("29-ten-rows.csv", "fit", _ten_rows, {"test rows": 2, "notes": one_with("only 2 test rows")}),
    Case("raw-profile-exif-broken.png", "denoising", _denoised, {"size": (8, 8)}),
    Case(
        "turned.webp",
        "the picture of the upload",
        _turned,
        {
            "stored": (427, 640),
            "shown": (640, 427),
            "under boxes of": (640, 427),
            "largest difference from the model's": 0,
        },
    ),
    Case(
        "tickets.csv",
        "report; clustering, defaults",
        _tickets,
        {
            "type of Ticket": "text",
            "type of Age": "number",
            "missing in Age": 66,
            "columns": "Id, Survived, Class, Age, Fare",
            "left out": "Sex, Ticket, Port",
            "notes": one_with("'Ticket'", "free text"),
        },
    ),
    Case(
        "trailing-delimiter-rows.csv",
        "report",
        _overview,
        {"rows": 3, "header": "a, b, c", "mean of a": Near(4), "mean of b": Near(5), "mean of c": Near(6)},
    ),
    Case(
        "decimal-comma-in-comma-csv.csv",
        "report",
        _overview,
        {"rows": 3, "decimal": "comma", "mean of a": Near(7.9 / 3)},
    ),
)
