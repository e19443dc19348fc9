"""Tables as nobody should send them: each gets a message that names what and where, or a good answer."""

import numpy as np
import pytest

from models.clustering.card import CARD, PredictParams
from models.clustering.predict import Predictor
from models.core import frames
from models.core.errors import InputError
from models.core.prediction import Wants

GOOD = "a,b\n1,2\n2,1\n8,9\n9,8\n"
WIDE = ",".join(f"c{number}" for number in range(10_000))
REFUSED = {
    "nothing": (b"", "empty"),
    "blank lines": (b"\n\r\n \n", "empty"),
    "only a BOM": (b"\xef\xbb\xbf", "empty"),
    "header only": (b"a,b\n", "header in row 1 and no rows"),
    "header without end": (b"a,b", "header in row 1 and no rows"),
    "all missing": (b"a,b\n,\nNA,null\n", "Column 'a': all values are missing"),
    "each row lacks one": (
        b"a,b\n1,\n2,\n,3\n,4\n",
        "Every row lacks a value in one of the columns 'a', 'b'",
    ),
    "only text": (b"a,b\nx,y\nz,w\n", "Row 2, column 'a': 'x' is not a number"),
    "only dates": (b"d\n2024-01-01\n2024-01-02\n", "Row 2, column 'd': '2024-01-01' is not a number"),
    "10,000 columns": ((WIDE + "\n" + ",".join("1" * 10_000)).encode(), "10,000 columns; at most 1,000"),
    "ragged: short": (b"a,b\n1,2\n3\n", "Row 3 has 1 cells; the first row has 2: column 'b' has none"),
    "ragged: long": (b"a,b\n1,2\n3,4,5\n", "Row 3 has 3 cells.*'5' stands in no column"),
    "a comment above": (b"made by a meter\na,b\n1,2\n3,4\n", "Row 2 has 2 cells; the first row has 1"),
    "lone quote": (b'a,b\n1,"2\n3,4\n', "Row 2 cannot be read as CSV: a quotation mark is opened"),
    "NUL": (b"a,b\n1,2\n3,\x004\n", "Row 3, column 'b': a NUL character"),
    "mixed encodings": ("a,é\n1,2\n".encode() + "3,ü\n".encode("latin-1"), "Line 3: byte 0xfc is not UTF-8"),
    "broken UTF-16": (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8", "no utf-16 text"),
    "random bytes": (bytes(range(128, 160)) * 50, "not text"),
    "inf": (b"a,b\n1,2\n2,inf\n3,4\n", "Row 3, column 'b': 'inf' is not a finite number"),
    "1e999": (b"a,b\n1,2\n2,1e999\n3,4\n", "Row 3, column 'b': '1e999' is not a finite number"),
    "1e308": (b"a,b\n1,2\n2,1e308\n3,4\n4,5\n", "numbers beyond 1e100"),
    "a formula": (b"a,b\n1,2\n=A1,3\n3,4\n", "Row 3, column 'a': '=A1' is not a number"),
    "a unit in a cell": (b"a,b\n1,2\n2 kg,3\n3,4\n", "Row 3, column 'a': '2 kg' is not a number"),
    "k above rows": (b"a,b\n1,2\n3,4\n", "3 clusters need at least as many rows; the table has 2"),
    "k above rows left": (b"a,b\n1,2\n,4\n5,6\n", "the table has 2 \\(1 more have missing values\\)"),
    "k above unlike rows": (
        b"a,b\n1,2\n1,2\n1,2\n3,4\n",
        "unlike each other; in the columns 'a', 'b' there are 2",
    ),
    "one constant column": (b"a\n7\n7\n7\n", "unlike each other; in the columns 'a' there are 1"),
    "JSON": (b'{"a": [1, 2, 3]}', "at least as many rows; the table has 1"),
}
ANSWERED = {
    "plain": GOOD.encode(),
    "BOM": GOOD.encode("utf-8-sig"),
    "UTF-16": GOOD.encode("utf-16"),
    "UTF-16 big end": GOOD.encode("utf-16-be"),
    "CR only": GOOD.replace("\n", "\r").encode(),
    "CR LF": GOOD.replace("\n", "\r\n").encode(),
    "semicolons": GOOD.replace(",", ";").encode(),
    "decimal commas": GOOD.replace(",", ";").replace("1", "1,0").encode(),
    "blank lines between": GOOD.replace("\n", "\n\n").encode(),
    "no header": GOOD.removeprefix("a,b\n").encode(),
    "duplicate headers": GOOD.replace("a,b", "a,a").encode(),
    "no names": GOOD.replace("a,b", ",").encode(),
    "names with lines": GOOD.replace("a,b", '"a\nx","b,y"').encode(),
    "names like formulas": GOOD.replace("a,b", "=a,@b").encode(),
    "a constant column": b"a,b,c\n1,2,7\n2,1,7\n8,9,7\n9,8,7\n",
    "negative zero": b"a,b\n-0,0\n0,-0.0\n8,9\n9,8\n",
    "tiny numbers": b"a,b\n1e-300,2e-300\n2e-300,1e-300\n8e-300,9e-300\n9e-300,8e-300\n",
    "large numbers": b"a,b\n1e99,2e99\n2e99,1e99\n8e99,9e99\n9e99,8e99\n",
    "spaces around": b" a , b \n 1 , 2 \n 2 , 1\n8, 9\n9 ,8\n",
    "text beside": b"n,a,b\nx,1,2\ny,2,1\nz,8,9\nw,9,8\n",
    "one column": b"a\n1\n2\n8\n9\n",
    "signs and exponents": b"a,b\n+1,2e0\n2.,1.0\n.8e1,9\n9,8E+0\n",
}


def _predictor() -> Predictor:
    weights = CARD.models[0].weights
    assert weights
    return Predictor(weights)


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_named(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        _predictor()(data, PredictParams(n_clusters=3))

    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("data", ANSWERED.values(), ids=ANSWERED.keys())
def test_what_can_be_read_is_answered(data: bytes) -> None:
    prediction = _predictor()(data, PredictParams(n_clusters=2, n_init=2), Wants())
    labels = prediction.result["labels"]

    assert labels[0] == labels[1] != labels[2] == labels[3]
    assert np.isfinite(prediction.stages[-1].data["points"]).all()
    assert frames.read(prediction.outputs[0].data).columns[-1].values.tolist() == labels
    assert not any(
        cell.startswith((b"=", b"@")) for cell in prediction.outputs[0].data.split(b"\n")[0].split(b",")
    )


def test_a_gigabyte_is_refused_before_it_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("large") / "large.csv"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)  # claimed, not written

    with pytest.raises(InputError, match="1,000,000,000 bytes; at most 600,000,000"):
        frames.read(path)
