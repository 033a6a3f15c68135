"""Archives, honest and hostile: what can be read is read, the rest is a problem, and nothing leaves memory."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import struct
import subprocess
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meshscope import open_snapshot
from meshscope.errors import CancelledError
from meshscope.snapshot import archive, cleaning, inflating, member, tar
from meshscope.snapshot import zip as zip_
from meshscope.snapshot.archive import Archive, archive_form, inner_path, read_archive
from meshscope.snapshot.inflating import BrokenOffError, Inflated, Points
from meshscope.snapshot.member import Listing
from meshscope.snapshot.single import read_single
from meshscope.work import Work

Files = dict[str, bytes]
TEXT = b'{"configs": []}'
GOOD: Files = {"first.json": TEXT, "last.json": b"{}"}


def noise(size: int, seed: int = 0) -> bytes:
    """Bytes that do not compress."""
    return b"".join(sha256(b"%d.%d" % (seed, number)).digest() for number in range(size // 32 + 1))[:size]


def tar_of(files: Files, form: int = tarfile.PAX_FORMAT, *odd: tarfile.TarInfo) -> bytes:
    """A tar archive; `odd` members stand between the first file and the others."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=form) as out:
        for number, (name, body) in enumerate(files.items()):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            out.addfile(info, io.BytesIO(body))
            for one in odd if number == 0 else ():
                out.addfile(one, io.BytesIO(bytes(one.size)))
    return packed.getvalue()


def zip_of(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as out:
        for name, body in files.items():
            out.writestr(name, body)
    return packed.getvalue()


def streamed_zip_of(files: Files) -> bytes:
    """A zip written to a pipe: sizes follow the data."""

    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: object) -> int:
            chunk = bytes(data)  # type: ignore[call-overload]  # any buffer
            self.data += chunk
            return len(chunk)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in files.items():
            out.writestr(name, body)
    return bytes(pipe.data)


def tgz_of(files: Files, *odd: tarfile.TarInfo) -> bytes:
    return gzip.compress(tar_of(files, tarfile.PAX_FORMAT, *odd))


def listing(raw: bytes, work: Work | None = None) -> Listing:
    packed = Archive("a", lambda: io.BytesIO(raw), len(raw))
    return read_archive(packed, archive_form(packed), work or Work())


def texts(found: Listing) -> Files:
    return {one.path: one.load() for one in found.members if one.sniffed.is_text}


def problems(found: Listing) -> str:
    return "\n".join(f"{problem.document}: {problem.message}" for problem in found.problems)


NAMES = st.text("abé. -/", min_size=1, max_size=150).filter(
    lambda name: inner_path(name)[1] == "" and not any(p.startswith(".") for p in inner_path(name)[0].split("/"))
)
FILES = st.dictionaries(NAMES, st.binary(min_size=1, max_size=3000), max_size=6).filter(
    lambda files: (
        len({inner_path(name)[0] for name in files}) == len(files) and not any(name.endswith("/") for name in files)
    )
)
FORMS: list[Callable[[Files], bytes]] = [
    lambda files: tar_of(files, tarfile.USTAR_FORMAT if all(len(name) < 60 for name in files) else tarfile.PAX_FORMAT),
    lambda files: tar_of(files, tarfile.GNU_FORMAT),
    lambda files: tar_of(files, tarfile.PAX_FORMAT),
    lambda files: gzip.compress(tar_of(files)),
    lambda files: gzip.compress(tar_of(files)[:700]) + gzip.compress(tar_of(files)[700:]),
    zip_of,
    lambda files: zip_of(files, zipfile.ZIP_STORED),
    streamed_zip_of,
]


@given(FILES.filter(bool), st.sampled_from(FORMS))
def test_every_form_gives_back_every_file_byte_for_byte(files: Files, packed: Callable[[Files], bytes]) -> None:
    found = listing(packed(files))
    assert {one.path: one.load() for one in found.members} == {inner_path(n)[0]: body for n, body in files.items()}
    assert found.problems == ()


@given(FILES.filter(bool), st.sampled_from(FORMS), st.data())
def test_a_broken_off_archive_keeps_what_came_before(
    files: Files, packed: Callable[[Files], bytes], data: st.DataObject
) -> None:
    whole = packed(files)
    cut = whole[: data.draw(st.integers(600, max(600, len(whole) - 1)))]
    expected = {inner_path(name)[0]: body for name, body in files.items()}
    archive_ = Archive("a", lambda: io.BytesIO(cut), len(cut))
    form = archive_form(archive_)
    if not form:
        return
    found = read_archive(archive_, form, Work())
    for one in found.members:
        assert one.load() == expected[one.path]
    assert len(found.members) == len(expected) or found.problems


@given(FILES.filter(bool), st.sampled_from(FORMS), st.data())
def test_a_damaged_archive_never_fails_otherwise_than_by_problems(
    files: Files, packed: Callable[[Files], bytes], data: st.DataObject
) -> None:
    raw = bytearray(packed(files))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(raw)
    one_file = Archive("a", lambda: io.BytesIO(damaged), len(damaged))
    form = archive_form(one_file)
    for one in read_archive(one_file, form, Work()).members if form else ():
        try:
            one.load()
        except OSError as error:
            assert "\n" not in str(error)  # noqa: PT017  # most damage is found earlier, some only here


@pytest.mark.parametrize("pack", [tar_of, tgz_of, zip_of])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("/etc/passwd", "absolute"),
        ("C:/Windows/x", "absolute"),
        ("C:\\Windows\\x", "absolute"),
        ("\\\\host\\share", "absolute"),
        ("../x", "out of the archive"),
        ("a/../../x", "out of the archive"),
        ("..\\..\\x", "out of the archive"),
        ("a/..", "out of the archive"),
        ("a\nb", "not a path"),
        ("a\x1b[31m", "not a path"),
        ("x" * 2000, "characters"),
    ],
)
def test_a_name_that_no_collector_writes_is_a_problem_and_the_rest_is_read(
    pack: Callable[[Files], bytes], name: str, why: str
) -> None:
    found = listing(pack({"first.json": TEXT, name: b"evil", "last.json": b"{}"}))
    assert texts(found) == GOOD
    assert why in problems(found)
    assert len(found.problems) == 1


def test_backslashes_separate_as_windows_writes_them_and_dots_are_nothing() -> None:
    files = {"proxies\\default\\a\\clusters.txt": TEXT, "./b//c.json": b"{}"}
    for pack in (tar_of, zip_of):
        assert set(texts(listing(pack(files)))) == {"proxies/default/a/clusters.txt", "b/c.json"}


def _odd(kind: bytes, name: str = "odd", target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


@pytest.mark.parametrize(
    ("kind", "target", "why"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "symbolic link"),
        (tarfile.SYMTYPE, "first.json", "symbolic link"),
        (tarfile.LNKTYPE, "../../etc/shadow", "hard link"),
        (tarfile.CHRTYPE, "", "device"),
        (tarfile.BLKTYPE, "", "device"),
        (tarfile.FIFOTYPE, "", "pipe"),
    ],
)
def test_links_and_devices_in_a_tar_are_problems(kind: bytes, target: str, why: str) -> None:
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT):
        found = listing(tar_of(GOOD, form, _odd(kind, target=target)))
        assert texts(found) == GOOD
        assert problems(found) == f"a!odd: not read: a {why}"


@pytest.mark.parametrize(("mode", "why"), [(stat.S_IFLNK, "symbolic link"), (stat.S_IFBLK, "device")])
def test_links_and_devices_in_a_zip_are_problems(mode: int, why: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("first.json", TEXT)
        info = zipfile.ZipInfo("odd")
        info.external_attr = (mode | 0o777) << 16
        out.writestr(info, "/etc/passwd")
        out.writestr("last.json", "{}")
    found = listing(packed.getvalue())
    assert texts(found) == GOOD
    assert why in problems(found)


def test_a_sparse_file_is_a_problem() -> None:
    info = tarfile.TarInfo("odd")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "odd"}
    found = listing(tar_of(GOOD, tarfile.PAX_FORMAT, info))
    assert texts(found) == GOOD
    assert "sparse" in problems(found)


def test_directories_and_hidden_files_are_left_out_without_a_word() -> None:
    files = {"first.json": TEXT, ".git/config": b"x", "a/._b": b"x", "__MACOSX/c": b"x", "last.json": b"{}"}
    for raw in (tar_of(files, tarfile.PAX_FORMAT, _odd(tarfile.DIRTYPE, "d")), zip_of(files | {"d/": b""})):
        found = listing(raw)
        assert (texts(found), found.problems) == (GOOD, ())


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("pack", [tar_of, zip_of])
def test_of_two_members_with_one_name_the_last_counts_and_a_problem_says_so(pack: Callable[[Files], bytes]) -> None:
    found = listing(pack({"a.json": b"[1]", "./a.json": b"[2]", "b.json": b"{}"}))
    assert texts(found) == {"a.json": b"[2]", "b.json": b"{}"}
    assert "several members have this name" in problems(found)


@pytest.mark.parametrize("pack", [tar_of, tgz_of, zip_of])
def test_a_member_beyond_the_bound_is_a_problem_and_takes_no_memory(
    pack: Callable[[Files], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = pack({"first.json": TEXT, "bomb": b" " * 30_000_000, "last.json": b"{}"})
    monkeypatch.setattr(cleaning, "MOST_BYTES", 100_000)
    tracemalloc.start()
    found = listing(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(found) == GOOD
    assert "larger than 100,000 bytes" in problems(found)
    assert peak < 6_000_000


def test_a_zip_member_that_lies_about_its_size_is_stopped_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytearray(zip_of({"bomb": b" " * 5_000_000}))
    struct.pack_into("<I", raw, raw.rfind(b"PK\x01\x02") + 24, 10)
    monkeypatch.setattr(cleaning, "MOST_BYTES", 100_000)
    tracemalloc.start()
    found = listing(bytes(raw))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.members, peak < 2_000_000) == ((), True)
    assert "damaged" in problems(found)
    struct.pack_into("<I", raw, raw.rfind(b"PK\x01\x02") + 24, 90_000)
    (bomb,) = listing(bytes(raw)).members
    tracemalloc.start()
    with pytest.raises(OSError, match="damaged"):
        bomb.load()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_inflating_stops_at_the_bound_of_the_whole_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tgz_of({"first.json": TEXT, "last.json": b"{}", "rest": b" " * 3_000_000})
    monkeypatch.setattr(member, "SMALL_TOTAL", 1_000_000)
    found = listing(raw)
    assert texts(found) == GOOD
    assert "unfolds to more than 1,000,000 bytes" in problems(found)


def test_a_tar_member_that_claims_an_endless_size_ends_the_archive() -> None:
    info = tarfile.TarInfo("odd")
    info.size = 1 << 62
    header = info.tobuf(tarfile.GNU_FORMAT)
    start = tar_of({"first.json": TEXT})[:1024]
    for raw in (start + header, gzip.compress(start + header)):
        found = listing(raw)
        assert texts(found) == {"first.json": TEXT}
        assert found.problems
    info.size = 10
    negative = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    negative[124:136] = b"\xff" * 12
    negative[148:156] = b"%06o\0 " % (sum(negative[:148]) + 256 + sum(negative[156:512]))
    found = listing(start + bytes(negative))
    assert texts(found) == {"first.json": TEXT}
    assert "damaged" in problems(found)


def test_an_extended_header_of_endless_size_takes_no_memory() -> None:
    info = _odd(tarfile.XHDTYPE)
    info.size = 1 << 33
    raw = gzip.compress(tar_of({"first.json": TEXT})[:1024] + info.tobuf(tarfile.GNU_FORMAT) + b" " * 20_000_000)
    tracemalloc.start()
    found = listing(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert texts(found) == {"first.json": TEXT}
    assert "a header of" in problems(found)
    assert peak < 3_000_000


@pytest.mark.parametrize(
    "body", [b"99999999999 path=x\n", b"5 a=\n", b"-5 path=x", b"0 path=x", b"\xff" * 40, b"12 path=a\n" * 9]
)
def test_records_of_an_extended_header_that_make_no_sense_are_passed_over(body: bytes) -> None:
    info = _odd(tarfile.XHDTYPE)
    info.size = len(body)
    header = info.tobuf(tarfile.USTAR_FORMAT) + body.ljust(512, b"\0")
    found = listing(header + tar_of(GOOD))
    assert set(texts(found).values()) == set(GOOD.values())


def test_more_members_than_the_bound_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 20)
    for pack, most in ((tar_of, 20), (tgz_of, 20), (zip_of, 0)):
        found = listing(pack({f"{number}.json": b"{}" for number in range(50)}))
        assert len(found.members) == most
        assert "more than 20 members" in problems(found)
    assert len(listing(zip_of({f"{number}.json": b"{}" for number in range(20)})).members) == 20


def test_a_zip_whose_directory_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytearray(zip_of(GOOD))
    raw[-22:-22] = bytes(40_000_000)
    struct.pack_into("<I", raw, len(raw) - 10, 40_000_000)
    tracemalloc.start()
    found = listing(bytes(raw))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.members, peak < 45_000_000) == ((), True)  # the bytes themselves
    assert "the archive's directory has more than 33,554,432 bytes" in problems(found)
    monkeypatch.setattr(zip_, "MOST_DIRECTORY", 10)
    assert "more than 10 bytes" in problems(listing(zip_of(GOOD)))


def test_of_many_bad_members_a_hundred_are_listed_and_the_others_counted() -> None:
    found = listing(tar_of({f"/{number}": b"x" for number in range(250)} | GOOD))
    assert texts(found) == GOOD
    assert len(found.problems) == member.MOST_PROBLEMS + 1
    assert found.problems[-1].message == "150 more problems like these"


def test_a_zip_without_its_directory_is_one_problem() -> None:
    files = {"a.json": TEXT, "b.json": b"{}" * 3000, "c.bin": noise(3000)}
    for whole in (zip_of(files), streamed_zip_of(files), zip_of(files, zipfile.ZIP_STORED)):
        found = listing(whole[: whole.index(b"PK\x01\x02")])
        assert found.members == ()
        assert "it may have been cut at its end" in problems(found)


def test_offsets_beyond_any_file_are_problems() -> None:
    """64-bit offsets and sizes of 2⁶³ and more, of a member and of the directory."""
    name, extra = b"a.json", struct.pack("<2H3Q", 1, 24, *[2**64 - 1] * 3)
    fields = (0x2D, 0x2D, 0, 0, 0, 0, 0, 2**32 - 1, 2**32 - 1, len(name), len(extra), 0, 0, 0, 0, 2**32 - 1)
    entry = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", *fields) + name + extra
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", *[0] * 10) + b"a"
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(local), 0)
    far = listing(local + entry + end)
    assert (far.members, len(far.problems)) == ((), 1)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(entry), len(local))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 2**64 - 1, 1)
    wide = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, 2**32 - 1, 2**32 - 1, 0)
    lost = listing(local + entry + record + locator + wide)
    assert (lost.members, len(lost.problems)) == ((), 1)


def test_a_zip_member_is_read_from_where_it_lies_and_the_file_is_open_only_then(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"first.json": TEXT, "rest": noise(5_000_000)}, zipfile.ZIP_STORED))
    tracemalloc.start()
    first, _ = read_single(path, "a.zip", Work()).members
    assert first.load() == TEXT
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 500_000
    assert not any(link.resolve() == path for link in Path("/proc/self/fd").glob("*"))


def test_a_zip_behind_other_bytes_is_found_when_its_start_still_looks_like_one() -> None:
    raw = b"PK\x03\x04 not a member" + zip_of(GOOD)
    assert texts(listing(raw)) == GOOD


@pytest.mark.parametrize("offset", [8, 10])
def test_a_zip_member_that_is_encrypted_or_oddly_compressed_is_a_problem(offset: int) -> None:
    raw = bytearray(zip_of(GOOD))
    central = raw.rfind(b"PK\x01\x02")
    raw[central + offset] = 1 if offset == 8 else 14
    found = listing(bytes(raw))
    assert texts(found) == {"first.json": TEXT}
    assert ("encrypted" if offset == 8 else "method 14") in problems(found)


def test_a_zip_member_with_a_wrong_checksum_is_never_read() -> None:
    large = TEXT + b" " * 10_000
    raw = bytearray(zip_of({"small.json": TEXT, "large.json": large, "last.json": b"{}"}, zipfile.ZIP_STORED))
    raw[raw.index(TEXT)] ^= 1
    raw[raw.index(large)] ^= 1
    found = listing(bytes(raw))
    assert "small.json: not read: damaged: Bad CRC" in problems(found)
    bad, last = found.members
    with pytest.raises(OSError, match="damaged: Bad CRC"):
        bad.load()
    assert last.load() == b"{}"


def test_a_zip_with_64_bit_sizes_is_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as out, out.open("first.json", "w", force_zip64=True) as entry:
        entry.write(TEXT)
    assert texts(listing(packed.getvalue())) == {"first.json": TEXT}
    wide = bytearray(packed.getvalue())
    end = wide.rindex(b"PK\x05\x06")
    size, offset = struct.unpack_from("<2I", wide, end + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    struct.pack_into("<2I", wide, end + 12, 0xFFFFFFFF, 0xFFFFFFFF)
    assert texts(listing(bytes(wide[:end]) + record + locator + bytes(wide[end:]))) == {"first.json": TEXT}


def test_a_gzip_member_is_unpacked_one_level(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(tar_of({"dump": gzip.compress(TEXT), "twice": gzip.compress(gzip.compress(TEXT))}))
    snapshot = open_snapshot(str(path))
    assert [(one.document.name, one.document.body) for one in snapshot.captured] == [(f"{path}!dump", TEXT)]
    assert [problem.document for problem in snapshot.problems] == [f"{path}!twice"]


def test_millions_of_empty_gzip_streams_end_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflating, "MOST_STREAMS", 100)
    raw = tgz_of(GOOD)
    assert texts(listing(gzip.compress(b"") * 90 + raw)) == GOOD
    with pytest.raises(BrokenOffError, match="streams"):
        Inflated(io.BytesIO(gzip.compress(b"") * 200)).read(1)


CONTENT = b"".join(b"%d," % number for number in range(60_000))
PACKED = gzip.compress(CONTENT[:200_000]) + gzip.compress(CONTENT[200_000:])


def marked() -> Points:
    points = Points()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inflating, "POINT_EVERY", 50_000)
        reader = Inflated(io.BytesIO(PACKED), points, marking=True)
        while reader.read(10_000):
            pass
    return points


@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=8), st.sampled_from([Points, marked]))
def test_any_place_of_a_gzip_file_can_be_read_in_any_order(offsets: list[int], start: Callable[[], Points]) -> None:
    points = start()
    assert len(points.marks) in (0, 6)
    for offset in offsets:
        reader = Inflated(io.BytesIO(PACKED), points)
        reader.seek(offset)
        assert reader.read(5000) == CONTENT[offset : offset + 5000]
        reader.seek(offset // 2)
        assert reader.read(10) == CONTENT[offset // 2 : offset // 2 + 10]
        reader.close()


def test_members_in_their_order_are_inflated_in_one_go() -> None:
    class Counted(io.BytesIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Counted.read_bytes += len(data)
            return data

    raw = tgz_of({f"{number}.bin": noise(50_000, number) for number in range(40)})
    found = read_archive(Archive("a", lambda: Counted(raw), len(raw)), "tar.gz", Work())
    Counted.read_bytes = 0
    for one in found.members:
        one.load()
    assert Counted.read_bytes < 3 * len(raw)


def test_members_of_a_large_gzipped_tar_are_read_from_many_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    files = {f"{number}.json": b"[%s]" % (b"%d," % number * 20_000) for number in range(30)}
    found = listing(tgz_of(files))
    order = [found.members[number * 7 % 30] for number in range(90)]
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda one: one.load() == files[one.path], order))


def test_progress_counts_bytes_and_a_cancel_token_stops() -> None:
    raw = tgz_of({f"{number}.json": noise(5000, number) for number in range(100)})
    told: list[tuple[int, int]] = []
    listing(raw, Work(lambda done, total: told.append((done, total))))
    assert told == sorted(told)
    assert told[-1] == (len(raw), len(raw))
    for packed in (raw, zip_of({"a": b"x", "b": b"y"})):
        answers: Iterator[bool] = iter([False, False, True])
        with pytest.raises(CancelledError):
            listing(packed, Work(cancelled=partial(next, answers)))


def test_nothing_is_written_anywhere_by_any_attack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "a" / "b"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    link = _odd(tarfile.SYMTYPE, "d", str(tmp_path))
    attack = {str(tmp_path / "x"): b"x", "../x": b"x", "..\\x": b"x", "c/../../x": b"x", "d/x": TEXT}
    for name, raw in {"a.zip": zip_of(attack), "a.tgz": tgz_of(attack, link), "a.tar": tar_of(attack)}.items():
        Path(name).write_bytes(raw)
        assert [one.document.body for one in open_snapshot(name).captured] == [TEXT]
    assert {path.name for path in tmp_path.rglob("*")} == {"a", "b", "a.zip", "a.tgz", "a.tar"}


def test_an_archive_that_changes_while_it_is_read_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.tgz"
    path.write_bytes(tgz_of(GOOD))
    snapshot = open_snapshot(str(path))
    path.write_bytes(tgz_of(GOOD | {"more": b"x" * 1000}))
    document = snapshot.captured[0].document
    assert document.body == b""
    assert "changed while" in document.failure


@pytest.mark.skipif(shutil.which("tar") is None, reason="no tar on this machine")
@pytest.mark.parametrize("form", ["gnu", "ustar", "posix", "oldgnu", "v7"])
def test_what_the_systems_own_tar_writes_is_read(tmp_path: Path, form: str) -> None:
    long = "d" * 60
    (tmp_path / "in" / long).mkdir(parents=True)
    (tmp_path / "in" / long / "é.json").write_bytes(TEXT)
    (tmp_path / "in" / "first.json").write_bytes(TEXT)
    done = subprocess.run(["tar", f"--format={form}", "-cf", tmp_path / "a", "-C", tmp_path / "in", "."], check=False)
    if done.returncode:
        pytest.skip("another tar than GNU's")
    assert texts(listing((tmp_path / "a").read_bytes())) == {"first.json": TEXT, f"{long}/é.json": TEXT}


def test_a_first_block_with_a_right_checksum_is_a_tar_and_zeros_are_none() -> None:
    assert tar.is_tar(tar_of(GOOD)[:512])
    assert not tar.is_tar(bytes(512))
    assert not tar.is_tar(b"ustar" * 200)


def test_forms_are_recognised_by_content() -> None:
    forms = {}
    for name, raw in {
        "t": tar_of(GOOD),
        "g": tgz_of(GOOD),
        "z": zip_of(GOOD),
        "x": TEXT,
        "gz": gzip.compress(TEXT),
    }.items():
        forms[name] = archive_form(Archive("a", lambda raw=raw: io.BytesIO(raw), len(raw)))  # type: ignore[misc]  # bound now
    assert forms == {"t": "tar", "g": "tar.gz", "z": "zip", "x": "", "gz": ""}
    for damaged in (zlib.compress(TEXT), gzip.compress(TEXT)[:12], b"", b"\x1f\x8b\x08"):
        assert archive_form(Archive("a", lambda raw=damaged: io.BytesIO(raw), len(damaged))) == ""  # type: ignore[misc]
