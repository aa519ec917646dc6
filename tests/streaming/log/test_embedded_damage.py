"""Half frames, flipped bits and lost files: what is readable is read, what is not is named."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tradewind.core import UsageError
from tradewind.streaming.log import EmbeddedLog, LogSettings, Message, dead_letters, describe
from tradewind.streaming.records import Bar

Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]


def write(folder: Path, bars: list[Bar], *, each: int = 1, **settings: int) -> None:
    """Write ``bars`` in frames of ``each``."""
    with EmbeddedLog.open(folder, 1, LogSettings(**settings)) as log:
        producer = log.producer()
        for start in range(0, len(bars), each):
            producer.send_many(bars[start : start + each])
        producer.flush()


def read(folder: Path, drain: Drain, count: int) -> list[Bar]:
    """Return up to ``count`` bars."""
    with EmbeddedLog.open(folder) as log:
        return [m.record for m in drain(log.consumer(["bars"], group=None), count, 0.03)]


def segment(folder: Path) -> Path:
    """Return the newest file of the bars."""
    return max((folder / "topics" / "bars" / "0").glob("*.seg"))


def test_half_a_frame_at_any_byte_is_cut_off_by_the_next_writer(tmp_path: Path, make_bar: Make, drain: Drain) -> None:
    write(tmp_path, [make_bar(i) for i in range(3)])
    whole = segment(tmp_path).read_bytes()
    write(tmp_path, [make_bar(3)])
    longer = segment(tmp_path).read_bytes()
    for size in [
        len(whole) + 1,
        len(whole) + 51,
        len(whole) + 52,
        *range(len(whole) + 60, len(longer), 71),
        len(longer) - 1,
    ]:
        segment(tmp_path).write_bytes(longer[:size])
        assert read(tmp_path, drain, 4) == [make_bar(i) for i in range(3)]
        write(tmp_path, [make_bar(9)])
        assert read(tmp_path, drain, 4) == [*(make_bar(i) for i in range(3)), make_bar(9)]
        with EmbeddedLog.open(tmp_path) as log:
            assert log.ends("bars") == {("bars", 0): 4}
            assert list(dead_letters(log, "bars")) == []  # nothing that was ever acknowledged is missing
        segment(tmp_path).write_bytes(whole)


def test_half_of_a_frame_that_is_longer_than_the_next_leaves_nothing_behind_it(
    tmp_path: Path, make_bar: Make, drain: Drain
) -> None:
    write(tmp_path, [make_bar(0)])
    whole = segment(tmp_path).read_bytes()
    write(tmp_path, [make_bar(i) for i in range(1, 100)], each=99)
    segment(tmp_path).write_bytes(segment(tmp_path).read_bytes()[:-10])
    write(tmp_path, [make_bar(500)])
    write(tmp_path, [make_bar(501)])
    assert len(segment(tmp_path).read_bytes()) < 4 * len(whole)
    assert read(tmp_path, drain, 3) == [make_bar(0), make_bar(500), make_bar(501)]
    with EmbeddedLog.open(tmp_path) as log:
        assert log.ends("bars") == {("bars", 0): 3}
        assert list(dead_letters(log, "bars")) == []


def test_a_reader_waits_at_half_a_frame_and_goes_on_when_it_is_whole(
    tmp_path: Path, make_bar: Make, drain: Drain
) -> None:
    write(tmp_path, [make_bar(0), make_bar(1)])
    longer = segment(tmp_path).read_bytes()
    segment(tmp_path).write_bytes(longer[:-5])
    with EmbeddedLog.open(tmp_path) as log:
        consumer = log.consumer(["bars"], group=None)
        assert [m.record for m in drain(consumer, 2, 0.1)] == [make_bar(0)]
        with segment(tmp_path).open("ab") as out:
            out.write(longer[-5:])
        assert [m.record for m in drain(consumer, 1, 2.0)] == [make_bar(1)]


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_in_the_middle_loses_its_frame_alone_and_is_told(
    tmp_path: Path, make_bar: Make, drain: Drain, seed: int
) -> None:
    bars = [make_bar(i) for i in range(20)]
    write(tmp_path, bars, each=4)
    file = segment(tmp_path)
    data = bytearray(file.read_bytes())
    place = random.Random(seed).randrange(len(data) * 4 // 5)
    data[place] ^= 1 << seed % 8
    file.write_bytes(data)
    hit = place * 5 // len(data)  # frames are of nearly equal length
    found = read(tmp_path, drain, 20)
    assert len(found) == 16
    assert [bar for bar in bars if bar not in found] in [
        bars[4 * k : 4 * k + 4] for k in (hit - 1, hit, hit + 1) if k >= 0
    ]
    with EmbeddedLog.open(tmp_path) as log:
        [letter] = dead_letters(log, "bars")
        assert f"{file}, bytes" in letter.reason
        assert "4 messages" in letter.reason
        assert bars.index(next(bar for bar in bars if bar not in found)) == letter.offset
        assert len(letter.value) > 300
    write(tmp_path, [make_bar(20)])
    assert read(tmp_path, drain, 20) == [*found, make_bar(20)]


@pytest.mark.parametrize("where", [0.1, 0.5, 0.95])
def test_damage_at_the_very_end_is_kept_told_and_its_offsets_never_given_again(
    tmp_path: Path, make_bar: Make, drain: Drain, where: float
) -> None:
    bars = [make_bar(i) for i in range(6)]
    write(tmp_path, bars, each=3)
    file = segment(tmp_path)
    data = bytearray(file.read_bytes())
    half = len(data) // 2
    data[half + int(half * where)] ^= 0x10
    file.write_bytes(data)
    write(tmp_path, [make_bar(6)])
    assert file.read_bytes() == data
    with EmbeddedLog.open(tmp_path) as log:
        messages = drain(log.consumer(["bars"], group=None), 4, 0.5)
        assert [m.record for m in messages] == [*bars[:3], make_bar(6)]
        assert messages[-1].offset >= 6
        [letter] = dead_letters(log, "bars")
        assert letter.offset == 3


def test_reading_from_any_offset_gives_the_rest(tmp_path: Path, make_bar: Make, drain: Drain) -> None:
    bars = [make_bar(i, "A") for i in range(300)]
    write(tmp_path, bars, each=7, segment_bytes=8192)
    assert len(list(segment(tmp_path).parent.glob("*.seg"))) > 4
    with EmbeddedLog.open(tmp_path) as log:
        consumer = log.consumer(["bars"], group=None)
        for offset in [0, 1, 6, 7, 150, 299, 300, 42]:
            consumer.seek({("bars", 0): offset})
            assert consumer.lag() == 300 - offset
            assert [m.record for m in drain(consumer, 300 - offset, 0.03)] == bars[offset:]


def test_retention_deletes_the_oldest_files_and_a_late_reader_goes_on_from_what_is_kept(
    tmp_path: Path, make_bar: Make, drain: Drain
) -> None:
    bars = [make_bar(i, "A") for i in range(400)]
    write(tmp_path, bars, each=10, segment_bytes=8192, retention_bytes=20_000)
    files = list(segment(tmp_path).parent.glob("*.seg"))
    assert 8192 < sum(file.stat().st_size for file in files) < 20_000 + 2 * 8192
    found = read(tmp_path, drain, 400)
    assert 0 < len(found) < 400
    assert found == bars[-len(found) :]
    with EmbeddedLog.open(tmp_path) as log:
        [topic] = describe(log).topics
        assert topic.messages == len(found)
        assert topic.starts[0] == 400 - len(found)


def test_retention_by_age_keeps_the_young(tmp_path: Path, make_bar: Make, drain: Drain) -> None:
    write(tmp_path, [make_bar(i, "A") for i in range(200)], each=10, segment_bytes=8192)
    files = sorted(segment(tmp_path).parent.glob("*.seg"))
    for file in files[:2]:
        os.utime(file, (1_000_000_000, 1_000_000_000))
    more = [make_bar(i, "A") for i in range(200, 300)]
    with EmbeddedLog.open(tmp_path, settings=LogSettings(segment_bytes=8192, retention_hours=1.0)) as log:
        log.producer().send_many(more)
    left = sorted(segment(tmp_path).parent.glob("*.seg"))
    assert files[0] not in left
    assert files[1] not in left
    assert files[2] in left
    assert read(tmp_path, drain, 400)[-100:] == more


def test_without_its_index_files_and_head_a_log_is_read_all_the_same(
    tmp_path: Path, make_bar: Make, drain: Drain
) -> None:
    bars = [make_bar(i, "A") for i in range(200)]
    write(tmp_path, bars, each=10, segment_bytes=8192)
    for file in segment(tmp_path).parent.glob("*.idx"):
        file.unlink()
    (segment(tmp_path).parent / "head").write_bytes(b"")
    write(tmp_path, [make_bar(200, "A")])
    assert read(tmp_path, drain, 201) == [*bars, make_bar(200, "A")]


def test_a_position_behind_the_end_is_put_back_to_it(tmp_path: Path, make_bar: Make, drain: Drain) -> None:
    """A power cut may take messages that were read and committed before they were durable."""
    write(tmp_path, [make_bar(i) for i in range(4)])
    whole = segment(tmp_path).read_bytes()
    with EmbeddedLog.open(tmp_path) as log:
        consumer = log.consumer(["bars"], group="g")
        assert len(drain(consumer, 4)) == 4
        consumer.commit()
    segment(tmp_path).write_bytes(whole[: len(whole) // 2])
    with EmbeddedLog.open(tmp_path) as log:
        consumer = log.consumer(["bars"], group="g")
        assert consumer.positions() == {("bars", 0): 2}
        log.producer().send_many([make_bar(7)])
        assert [m.record for m in drain(consumer, 1)] == [make_bar(7)]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("x")
    with pytest.raises(UsageError, match=r"holds 'thesis.doc' and is no event log"):
        EmbeddedLog.open(tmp_path)
    file = tmp_path / "thesis.doc"
    with pytest.raises(UsageError, match="no event log can be opened there"):
        EmbeddedLog.open(file)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "log.json").write_text('{"layout": 2}')
    with pytest.raises(UsageError, match="has layout 2, and 1 is known"):
        EmbeddedLog.open(tmp_path / "new")


def test_a_topic_keeps_its_partitions_and_its_name_is_checked(tmp_path: Path) -> None:
    with EmbeddedLog.open(tmp_path, 3) as log:
        assert len(log.ends("bars")) == 3
    with EmbeddedLog.open(tmp_path, 8) as log:
        assert len(log.ends("bars")) == 3
        assert len(log.ends("quotes")) == 8
        with pytest.raises(UsageError, match="cannot be a topic"):
            log.ends("../bars")
