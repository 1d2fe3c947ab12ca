"""CSV as spreadsheets, databases and scripts write it, damaged and put together from pieces."""

from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from copydesk.tasks.sources.formats.csv import _lines as cut_lines
from tests.sources.formats.table_files import located, rows_of


def line(number: int, text: str) -> str:
    return f'{number},Title {number},"{text}",2024-01-0{number % 9 + 1}\n'


HEAD = "id,title,text,date\n"


def titled(*numbers: int, text: str = "Plain text, with a comma.") -> list[str]:
    return [f"Title {number}\n\n{text}" for number in numbers]


@pytest.mark.parametrize(
    "open_row",
    [
        '3,Title 3,"never closed,2024-01-01\n',
        '3,"Title 3,Text of it,2024-01-01\n',
        '"3,Title 3,Text of it,2024-01-01\n',
    ],
)
@pytest.mark.parametrize("quoted", [True, False])
@pytest.mark.parametrize("at", [2, 9])
def test_a_quote_that_is_not_closed_loses_its_row_alone(tmp_path, open_row, quoted, at):
    lines = [line(n, "Plain text, with a comma.") if quoted else f"{n},Title {n},Plain.,2024\n"
             for n in range(1, 10)]  # fmt: skip
    lines.insert(at, open_row)
    (tmp_path / "x.csv").write_text(HEAD + "".join(lines))
    texts, missing = rows_of(tmp_path / "x.csv")
    assert texts == titled(*range(1, 10), text="Plain text, with a comma." if quoted else "Plain.")
    assert located(missing) == [(str(at + 1), "unreadable")]
    assert "unclosed quote" in missing[0].detail


def test_a_quote_that_closes_at_a_later_row_s_quote_swallows_none(tmp_path):
    rows = [line(n, "Plain text, with a comma.") for n in range(1, 9)]
    rows[2] = '3,Title 3,"never closed,2024-01-01\n'
    rows[6] = '7,Title 7,closed only",2024-01-01\n'
    (tmp_path / "x.csv").write_text(HEAD + "".join(rows))
    texts, missing = rows_of(tmp_path / "x.csv")
    assert len(texts) + len(missing) == 8
    assert set(titled(1, 2, 4, 5, 6, 8)) <= set(texts)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (r'"He said \"hi, you\" there."', 'He said "hi, you" there.'),
        ('"He said ""hi, you"" there."', 'He said "hi, you" there.'),
        ('"He said "hi" there."', 'He said hi" there."'),
        ('"One, two\n\nthree, ""four"""', 'One, two\n\nthree, "four"'),
        (' "With a space, before it"', "With a space, before it"),
        ("'In single quotes, as some do'", "In single quotes, as some do"),
        ('It says "so" in the middle', 'It says "so" in the middle'),
        ('"C:\\path\\"', "C:\\path\\"),
        ('5" of snow', '5" of snow'),
    ],
)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_quotes_as_programs_write_them(tmp_path, field, text, ending):
    rows = [HEAD, line(1, "First."), f"2,Title 2,{field},2024-01-02\n", line(3, "Last.")]
    (tmp_path / "x.csv").write_bytes("".join(rows).replace("\n", ending).encode())
    texts, missing = rows_of(tmp_path / "x.csv")
    assert not missing
    expected = [*titled(1, text="First."), *titled(2, text=text), *titled(3, text="Last.")]
    assert [" ".join(one.split()) for one in texts] == [" ".join(one.split()) for one in expected]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "\ufeffsep=;"])
def test_the_separator_that_excel_writes_first(tmp_path, first):
    (tmp_path / "x.csv").write_text(f"{first}\nid;text\n1;One, two.\n2;Three, four.\n")
    assert rows_of(tmp_path / "x.csv") == (["One, two.", "Three, four."], [])


@pytest.mark.parametrize(
    "header",
    ['id;"date, as printed, in full";text', 'id;"a,b,c,d,e,f";"text"', "id;date;text",
     "id|date, printed|text", "id\tdate, printed, here\ttext", '"id","date;x;y;z","text"'],
)  # fmt: skip
def test_the_delimiter_is_not_looked_for_in_quotes(tmp_path, header):
    delimiter = next(
        char for char in ";|\t," if f"{char}text" in header or f'{char}"text' in header
    )
    rows = "".join(f'{n}{delimiter}x{delimiter}"One, two; three | {n}."\n' for n in range(3))
    (tmp_path / "x.csv").write_text(f"{header}\n{rows}")
    texts, missing = rows_of(tmp_path / "x.csv")
    assert (texts, missing) == ([f"One, two; three | {n}." for n in range(3)], [])


@pytest.mark.parametrize(
    "before", ["Export of 2024-05-01\n", "# made by x, y\n# z\n", "\n\n \n", ",,\n"]
)
def test_lines_before_the_header(tmp_path, before):
    (tmp_path / "x.csv").write_text(f"{before}id,title,text\n1,A,One.\n2,B,Two.\n")
    texts, missing = rows_of(tmp_path / "x.csv")
    assert texts == ["A\n\nOne.", "B\n\nTwo."]
    assert {reason for _, reason in located(missing)} <= {"before_header"}
    assert len(missing) == sum(bool(text.strip(", ")) for text in before.split("\n"))


def test_rows_of_another_width_lose_themselves(tmp_path):
    rows = "1,A,One.\n2,B,Two.,more,and more\n3,C,Three.,,\n4,D\n5,E,Five.\n"
    (tmp_path / "x.csv").write_text(f"id,title,text\n{rows}")
    texts, missing = rows_of(tmp_path / "x.csv")
    assert texts == ["A\n\nOne.", "C\n\nThree.", "E\n\nFive."]
    assert located(missing) == [("2", "unreadable"), ("4", "empty")]


def test_tabs_need_no_quotes(tmp_path):
    rows = (
        '1\t"Quoted" she said\tText with "quotes", and a comma.\n2\tB\t"open\n3\tC\t"A ""b"" c"\n'
    )
    (tmp_path / "x.tsv").write_text(f"id\ttitle\ttext\n{rows}")
    texts, missing = rows_of(tmp_path / "x.tsv")
    assert not missing
    assert texts == ['"Quoted" she said\n\nText with "quotes", and a comma.', 'B\n\n"open',
                     'C\n\nA "b" c']  # fmt: skip


PAD = "".join(f"{n},Plain text of the row with number {n}.\n" for n in range(3000))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_the_first_character_beyond_ascii_may_come_late(tmp_path, encoding):
    body = f"id,text\n{PAD}x,Le café est fermé à Genève.\n"
    (tmp_path / "x.csv").write_bytes(body.encode(encoding))
    texts, missing = rows_of(tmp_path / "x.csv")
    assert (texts[-1], len(texts), missing) == ("Le café est fermé à Genève.", 3001, [])


@pytest.mark.parametrize(("encoding", "text"), [
    ("cp1251", "Новости порта и погоды на завтра"), ("gbk", "港口的起重机昨天被移走了，没有人受伤"),
    ("cp1250", "Łódź i żuraw w porcie są dziś"),
    ("shift_jis", "港のクレーンが昨日移動された。けが人はいない"),
])  # fmt: skip
def test_encodings_are_found_behind_much_ascii(tmp_path, encoding, text):
    rows = "".join(f"n{n},{text} {n}\n" for n in range(60))
    (tmp_path / "x.csv").write_bytes(f"id,text\n{PAD}{rows}".encode(encoding))
    texts, _ = rows_of(tmp_path / "x.csv")
    assert texts[-1] == f"{text} 59"


def test_an_encoding_may_change_from_row_to_row(tmp_path):
    text = "Der Kran fährt über den Fluß."
    rows = [f"{n},{text}\n".encode(("utf-8", "cp1252")[n % 2]) for n in range(40)]
    for data in (rows, rows[::-1]):
        (tmp_path / "x.csv").write_bytes(b"id,text\n" + b"".join(data))
        assert rows_of(tmp_path / "x.csv") == ([text] * 40, [])


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_breaks_of_every_kind(tmp_path, ending):
    (tmp_path / "x.csv").write_bytes(ending.join(["id,text", "1,One.", '2,"Two."', ""]).encode())
    assert rows_of(tmp_path / "x.csv") == (["One.", "Two."], [])


cells = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(',;\t"\n'), max_size=30
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    rows=st.lists(st.tuples(cells, cells.filter(lambda t: t.strip())), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_writer_wrote_is_read(tmp_path, rows, delimiter, quoting):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=quoting)
    writer.writerow(["id", "title", "text"])
    writer.writerows([f"row {n}", title, text] for n, (title, text) in enumerate(rows))
    (tmp_path / "x.csv").write_text(buffer.getvalue(), newline="")
    texts, missing = rows_of(tmp_path / "x.csv")
    assert len(texts) == len(rows)
    assert not missing
    for (title, text), read in zip(rows, texts, strict=True):
        assert "".join(text.split()) in "".join(read.split()) or "<" in text
        assert "".join(title.split()) in "".join(read.split()) or "<" in text


def cpu(path) -> float:
    start = time.process_time()
    rows_of(path)
    return time.process_time() - start


@pytest.mark.parametrize("row", ['"a\n', 'a,"b""\n', '1,x,"y,z\n', '"\n', "a,b,c,d\n", '\\"a,"b\n'])
def test_broken_quotes_cost_linear_time(tmp_path, row):
    times = []
    for size in (2_000, 8_000):
        (tmp_path / "x.csv").write_text("id,title,text\n" + row * size)
        times.append(min(cpu(tmp_path / "x.csv") for _ in range(2)))
    assert times[1] < 10 * max(times[0], 0.02)


def test_the_time_of_a_long_line_is_linear():
    def seconds(size: int) -> float:
        start = time.process_time()
        assert sum(map(len, cut_lines(io.BytesIO(b"x" * size), 1 << 30))) == size
        return time.process_time() - start

    seconds(1_000_000)
    assert seconds(64_000_000) < 40 * max(seconds(4_000_000), 0.01)
