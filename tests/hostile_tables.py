"""Hostile tables: those that are refused, with a pattern of the error, and those that can be answered."""

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
    "10,000 columns": ((WIDE + "\n" + ",".join("1" * 10_000)).encode(), "10,000 columns; the limit is 1,000"),
    "ragged: long": (
        b"a,b\n1,2\n3,4,5\n",
        "Row 3 and the first row differ in length: 3 and 2 cells. The cell '5' belongs to no column",
    ),
    "a comment above": (
        b"made by a meter\na,b\n1,2\n",
        "Row 2 and the first row differ in length: 2 and 1 cells.*Row 1 must contain the column names",
    ),
    "lone quote": (b'a,b\n1,"2\n3,4\n', "Row 2 cannot be read as CSV: a quotation mark is opened"),
    "NUL": (b"a,b\n1,2\n3,\x004\n", "Row 3, column 'b': a NUL character"),
    "mixed encodings": ("a,é\n1,2\n".encode() + "3,ü\n".encode("latin-1"), "Line 3: byte 0xfc is not UTF-8"),
    "broken UTF-16": (b"\xff\xfea\x00,\x00b\x00\n\x00\x00\xd8", "Byte 11 is not utf-16 text"),
    "random bytes": (bytes(range(128, 160)) * 50, "not recognized|neither an image"),
    "inf": (b"b\n2\ninf\n4\n", "Row 3, column 'b': 'inf' is not a finite number"),
    "1e999": (b"b\n2\n1e999\n4\n", "Row 3, column 'b': '1e999' is not a finite number"),
    "1e308": (b"a,b\n1,2\n2,1e308\n3,4\n4,5\n", "Row 3, column 'b': a number beyond 1e100"),
    "a formula": (b"a\n1\n=A1\n3\n", "Row 3, column 'a': '=A1' is not a number"),
    "k above rows": (
        b"a,b\n1,2\n3,4\n",
        "3 clusters need at least 3 complete rows; the table has only 2. Choose fewer clusters",
    ),
    "k above rows left": (b"a,b\n1,2\n,4\n5,6\n", "the table has only 2. Rows with missing values: 1. "),
    "k above unlike rows": (
        b"a,b\n1,2\n1,2\n1,2\n3,4\n",
        "3 distinct rows; the columns used \\('a', 'b'\\) have only 2",
    ),
    "one constant column": (b"a\n7\n7\n7\n", "3 distinct rows; the columns used \\('a'\\) have only 1"),
    "JSON": (b'{"a": [1, 2, 3]}', "The file is JSON, not a CSV table"),
    "JSON records": (b'\xef\xbb\xbf [\n {"a": 1}, {"a": 2}]', "The file is JSON, not a CSV table"),
    "a web page": (b"<!DOCTYPE html>\n<p>1,2\n<p>3,4\n", "The file is HTML or XML, not a CSV table"),
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
    "empty cells too many": b"a,b\n1,2,\n2,1,\n8,9,\n9,8,\n",
    "units": b"a,b\n1 kg,2 %\n2 kg,1 %\n8 kg,9 %\n9 kg,8 %\n",
    "signs and exponents": b"a,b\n+1,2e0\n2.,1.0\n.8e1,9\n9,8E+0\n",
}
# name -> read options, table, and a pattern of the error
OPTIONS_REFUSED = {
    "one sign for both": ({"delimiter": "comma", "decimal": "comma"}, GOOD.encode(), "in quotation marks"),
    "UTF-16 that is none": (
        {"encoding": "utf-16"},
        GOOD.encode(),
        "plain ASCII text and cannot be read as UTF-16",
    ),
    "UTF-8 that is none": (
        {"encoding": "utf-8"},
        GOOD.replace("a,b", "ä,b").encode("latin-1"),
        "Line 1: byte 0xe4 is not UTF-8",
    ),
    "words as numbers": (
        {"types": {"w": "number"}, "columns": ["w"]},
        b"w,a\nx,1\ny,2\n",
        "Row 2, column 'w': 'x' is not a number. Column 'w': all values are missing",
    ),
    "words as dates": ({"types": {"w": "date"}, "columns": ["w"]}, b"w,a\nx,1\ny,2\n", "'x' is not a date"),
    "a type of no column": (
        {"types": {"z": "number"}},
        GOOD.encode(),
        "There is no column 'z'. The columns are: 'a', 'b'",
    ),
    "a delimiter that is not there": (
        {"delimiter": "tab"},
        GOOD.replace(",", ";").encode(),
        "Row 2, column 'a;b': '1;2' is not a number",
    ),
    "only a header": ({"header": "first row"}, b"1,2\n", "header in row 1 and no rows"),
    "a header in a column": (
        {"header": "none"},
        GOOD.encode(),
        "No column holds numbers|'a' is not a number",
    ),
}
OPTIONS_ANSWERED = {
    "the guess in words": ({"delimiter": "comma", "decimal": "point", "header": "first row"}, GOOD.encode()),
    "a sign in quotation marks": (
        {"delimiter": "comma", "decimal": "comma"},
        b'a,b\n"1,0",2\n"2,0",1\n"8,0",9\n"9,0",8\n',
    ),
    "a bad cell in a number": (
        {"types": {"n": "number"}, "columns": ["a", "b"]},
        b"n,a,b\nx,1,2\n1,2,1\n1,8,9\n1,9,8\n",
    ),
    "dates of two forms": (
        {"types": {"d": "date"}, "columns": ["a", "b"]},
        b"d,a,b\n2024-01-02,1,2\n01.02.2024,2,1\n2024-01-03,8,9\n2024-01-04,9,8\n",
    ),
    "days": (
        {"types": {"d": "date"}},
        b"d\n2024-01-01\n2024-01-02\n2024-08-01\n2024-08-02\n",
    ),
}
