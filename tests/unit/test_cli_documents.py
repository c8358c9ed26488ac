"""Files given on the command line: what is wrong with one is told with its place."""

from pathlib import Path

import pytest

from transformer.cli.documents import read_bodies, read_headers, read_text
from transformer.errors import UsageError


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_the_content_type_follows_the_ending(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / "a.json", "{}"),
        write(tmp_path / "b.txt", "hello"),
        write(tmp_path / "c.form", "a=1"),
    ]

    assert [body.content_type.partition(";")[0] for body in read_bodies(paths)] == [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
    ]


def test_a_folder_means_its_json_files_in_order(tmp_path: Path) -> None:
    write(tmp_path / "b.json", "2")
    write(tmp_path / "a.json", "1")
    write(tmp_path / "notes.md", "not a webhook")

    assert [body.content for body in read_bodies([tmp_path])] == [b"1", b"2"]


def test_a_folder_without_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \*\.json"):
        read_bodies([tmp_path])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.json cannot be read: No such file"):
        read_bodies([tmp_path / "nowhere.json"])


def test_broken_json_is_told_with_line_and_column(tmp_path: Path) -> None:
    path = write(tmp_path / "p.json", '{\n  "a": oops\n}')

    with pytest.raises(UsageError, match=r"p\.json is not JSON: .* \(line 2, column 8\)"):
        read_bodies([path])


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is empty"):
        read_bodies([write(tmp_path / "p.json", "\n")])


@pytest.mark.parametrize("content", ["[]", '{"X-A": 1}'])
def test_headers_must_be_an_object_of_strings(tmp_path: Path, content: str) -> None:
    with pytest.raises(UsageError, match="does not hold headers"):
        read_headers(write(tmp_path / "h.json", content))


def test_code_that_is_not_utf_8_is_told_with_the_byte(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="byte 2 is 0xff"):
        read_text(write(tmp_path / "c.js", b"//\xff"))
