"""Chords as MIDI and as sound. The oracles: bytes of MIDI by hand, what was written read back, and frequencies in the sound."""

import os
import struct
import sys
import wave

import mido
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_tf1.data.music.scores import RATE, read_midi, write_midi, write_wav
from rnn_tf1.errors import DataError, OutputError, UserError

HELD = np.array([[60, 0], [60, 64], [62, 64], [0, 0], [62, 65]], np.int32)


def midi(path, *tracks, ticks=16, kind=1):
    """A MIDI file put together by hand from the bytes of its tracks."""
    content = b"MThd" + struct.pack(">LHHh", 6, kind, len(tracks), ticks)
    content += b"".join(b"MTrk" + struct.pack(">L", len(track)) + track for track in tracks)
    path.write_bytes(content)
    return str(path)


END = b"\x00\xff\x2f\x00"
NOTE = b"\x00\x90\x3c\x40\x10\x80\x3c\x40"  # middle C for a quarter


# MIDI


def test_the_bytes_by_hand(tmp_path):
    """Catches a file that is undone by its own reader but played wrongly by any other: tempo, clock, channel, loudness, and the
    time of each key."""
    write_midi(str(tmp_path / "x.mid"), HELD, 75)
    header = b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x00\x10"  # type 1, two tracks, 16 ticks in a quarter
    one = b"\x00\xff\x51\x03\x0c\x35\x00"  # 800,000 microseconds in a quarter
    one += b"\x00\x90\x3c\x50\x08\x80\x3c\x50\x00\x90\x3e\x50\x04\x80\x3e\x50\x04\x90\x3e\x50\x04\x80\x3e\x50" + END
    two = b"\x04\x91\x40\x50\x08\x81\x40\x50\x04\x91\x41\x50\x04\x81\x41\x50" + END
    expected = header + b"".join(b"MTrk" + struct.pack(">L", len(track)) + track for track in (one, two))
    assert (tmp_path / "x.mid").read_bytes() == expected
    file = mido.MidiFile(str(tmp_path / "x.mid"))
    assert file.length == pytest.approx(5 * 60 / 75 / 4)


some_chorales = st.integers(1, 9).flatmap(
    lambda voices: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 60, 60, 61, 127]), min_size=voices, max_size=voices), min_size=1, max_size=12
    )
)


@settings(max_examples=150, deadline=None)
@given(some_chorales, st.sampled_from([4, 33.3, 80.0, 1000]), st.sampled_from([np.int32, np.uint8, np.int64]))
def test_what_is_written_is_read(tmp_path_factory, chords, tempo, kind):
    """Catches voices mixed up, silence lost at the start, at the end, or of a whole voice, notes that are struck again or run
    together, and one that goes on for ever."""
    path = str(tmp_path_factory.getbasetemp() / "x.mid")
    write_midi(path, np.array(chords, kind), tempo)
    back = read_midi(path)
    assert back.dtype == np.int32 and back.shape == (len(chords), len(chords[0]))
    np.testing.assert_array_equal(back, chords)


def test_notes_that_are_held_are_struck_once(tmp_path):
    """Catches a note struck at each sixteenth, which no reader of arrays can tell."""
    chords = np.array([[60, 50]] * 6 + [[60, 52]] * 2, np.int32)
    write_midi(str(tmp_path / "x.mid"), chords)
    struck = [[m.note for m in track if m.type == "note_on"] for track in mido.MidiFile(str(tmp_path / "x.mid")).tracks]
    assert struck == [[60], [50, 52]]


def test_no_chord_at_all(tmp_path):
    """Catches a crash where nothing was generated."""
    nothing = np.zeros([0, 4], np.int32)
    write_midi(str(tmp_path / "x.mid"), nothing)
    assert read_midi(str(tmp_path / "x.mid")).shape == (0, 4)
    write_wav(str(tmp_path / "x.wav"), nothing)


BAD = [
    (np.array([[60, 60], [60, 128]]), "chord 1, voice 1: 128 is not a MIDI note, 0 .silent. or 1 to 127"),
    (np.array([[60, 60], [-1, 60]]), "chord 1, voice 0: -1 is not a MIDI note"),
    (np.array([[60.0, 60.5]]), r"a chorale is float64 \[1, 2\], but whole numbers \[chords, voices\]"),
    (np.array([60, 60]), r"a chorale is int64 \[2\]"),
    (np.zeros([2, 3, 4], int), r"a chorale is int64 \[2, 3, 4\]"),
    (np.zeros([5, 0], int), r"a chorale is int64 \[5, 0\], .* 1 to 9 voices"),
    (np.zeros([5, 10], int), r"a chorale is int64 \[5, 10\]"),
    (np.zeros([5, 4], bool), "a chorale is bool"),
]


@pytest.mark.parametrize("write", [write_midi, write_wav])
def test_what_cannot_be_played_is_refused(tmp_path, write):
    """Catches notes cut to whole ones, a voice on the channel of the drums, ValueError of mido, and an error without the
    place; for the sound too."""
    path = str(tmp_path / "x.out")
    for chorale, reason in BAD:
        with pytest.raises(DataError, match=reason):
            write(path, chorale)
    for tempo in (0, -80, 3.9, 1001, float("nan"), float("inf")):
        with pytest.raises(DataError, match=f"{tempo} quarters per minute: pass a number from 4 to 1000"):
            write(path, HELD, tempo)
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.parametrize("write", [write_midi, write_wav])
def test_a_path_that_cannot_be_written(tmp_path, write, monkeypatch):
    """Catches a bare FileNotFoundError, NotADirectoryError or IsADirectoryError, and half a file beside."""
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "no" / "x", tmp_path / "file" / "x", tmp_path / "folder", tmp_path / ("x" * 300)):
        with pytest.raises(OutputError, match=r": .+\. .*(another|a shorter) path\.") as caught:
            write(str(path), HELD)
        assert str(path) in str(caught.value)
    assert sorted(os.listdir(str(tmp_path))) == ["file", "folder"] and os.listdir(str(tmp_path / "folder")) == []

    def full(descriptor):
        raise OSError(28, "No space left on device")

    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr("rnn_tf1.program.files.os.fsync", full)
    with pytest.raises(OutputError, match="the disk is full"):
        write(str(tmp_path / "old"), HELD)
    assert (tmp_path / "old").read_bytes() == b"old" and len(os.listdir(str(tmp_path))) == 3


def test_without_mido(tmp_path, monkeypatch):
    """Catches an ImportError where a line to install it is the answer; sound needs none."""
    monkeypatch.setitem(sys.modules, "mido", None)
    for act in (lambda path: write_midi(path, HELD), read_midi):
        with pytest.raises(UserError, match=r"mido is missing.*pip install mido.*pip install -e '\.\[music\]'"):
            act(str(tmp_path / "x.mid"))
    write_wav(str(tmp_path / "x.wav"), HELD)


def test_reads_by_hand(tmp_path):
    """Catches a clock that is taken for ours, a key released by striking it softly, and silence of the last voice."""
    first = b"\x00\xff\x51\x03\x07\xa1\x20"  # 96 ticks, 0x60, are a sixteenth
    first += b"\x60\x93\x3c\x40\x81\x40\x93\x3c\x00\x00\x93\x40\x01\x60\x83\x40\x00\x60" + END[1:]
    path = midi(tmp_path / "x.mid", first, b"\x83\x60" + END[1:], ticks=384)
    assert read_midi(path).tolist() == [[0, 0], [60, 0], [60, 0], [64, 0], [0, 0]]
    other = b"\x00\x90\x3c\x40\x04\x80\x40\x40\x04\x80\x3c\x40" + END
    assert read_midi(midi(tmp_path / "y.mid", other)).tolist() == [[60], [60]], "another key is let go"


@pytest.mark.parametrize(
    ("tracks", "how", "reason"),
    [
        ([], {}, "it has 0 tracks"),
        ([NOTE + END] * 10, {}, "it has 10 tracks, but 1 to 9 are expected"),
        ([NOTE + END, NOTE + b"\x04" + END[1:]], {}, "its tracks have different lengths"),
        ([NOTE + END, END], {}, "its tracks have different lengths"),
        (
            [b"\x00\x90\x3c\x40\x00\x90\x40\x40\x10\x80\x3c\x40\x00\x80\x40\x40" + END],
            {},
            "track 0 is not a single voice",
        ),
        ([END, b"\x00\x90\x3c\x40\x04\x90\x3c\x40" + END], {}, "track 1 is not a single voice"),
        ([b"\x02" + NOTE[1:] + END], {}, "track 0 is not a single voice in sixteenths"),
        ([NOTE[:4] + b"\x0f" + NOTE[5:] + END], {}, "track 0 is not a single voice in sixteenths"),
        ([b"\x00\x90\x00\x40\x10\x80\x00\x40" + END], {}, "track 0 is not a single voice"),
        ([b"\xff\xff\xff\x7f" + NOTE[1:] + END], dict(ticks=1), "track 0 has more than the 100000 sixteenths"),
        ([b"\xb0\xea\x04" + END[1:]], dict(ticks=1), "track 0 has more than the 100000 sixteenths"),
        ([NOTE + END], dict(ticks=0), "its clock counts film frames"),
        ([NOTE + END], dict(ticks=-7000), "its clock counts film frames"),
        ([b"\x00\xff\x59\x02\x0c\x0c" + END], {}, "not a MIDI file, or a damaged one"),
        ([b"\x00\x90\x3c"], {}, "not a MIDI file, or a damaged one"),
        ([b"\x00\xf0\xff\xff\xff\x7f" + END], {}, "not a MIDI file, or a damaged one"),
    ],
    ids=range(16),
)
def test_files_of_others_are_refused(tmp_path, tracks, how, reason):
    """Catches two voices taken for one, notes moved to a sixteenth, a division by zero, the memory filled with what some bytes
    tell of time, and errors that are mido's own."""
    path = midi(tmp_path / "x.mid", *tracks, **how)
    with pytest.raises(DataError, match=reason) as caught:
        read_midi(path)
    assert str(caught.value).startswith(path + ": ")
    assert str(caught.value).endswith("Pass a file that write_midi has written.")


def test_what_is_no_midi_file(tmp_path):
    """Catches a bare FileNotFoundError, IsADirectoryError or EOFError, and a large file that is read first."""
    for name, content in (
        ("empty", b""),
        ("text", b"no MIDI file"),
        ("cut", b"MThd\x00\x00"),
        ("large", bytes((1 << 20) + 1)),
    ):
        (tmp_path / name).write_bytes(content)
    for name in ("missing", "empty", "text", "cut", "large", ""):
        path = str(tmp_path / name)
        reason = (
            "it has 1,048,577 bytes, but at most 1,048,576 are allowed"
            if name == "large"
            else "not a MIDI file, or a damaged one"
        )
        with pytest.raises(DataError, match=reason) as caught:
            read_midi(path)
        assert str(caught.value).startswith(path + ": ")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_leaks_another_exception(tmp_path_factory, data):
    """Catches what mido makes of a byte that is another one; what is read is a chorale."""
    path = tmp_path_factory.getbasetemp() / "damaged.mid"
    write_midi(str(path), HELD)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(len(content) - 9, len(content)))]))
    try:
        found = read_midi(str(path))
    except DataError:
        return
    assert found.ndim == 2 and found.min(initial=0) >= 0 and found.max(initial=0) <= 127


# Sound


def samples(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 22050)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767


def heard(sound, tempo, chord):
    """A function that tells how loud a frequency is in a chord, from a quarter of a second in the middle of its time."""
    seconds = 60 / tempo / 4
    start = int((chord * seconds + seconds / 4) * RATE)
    piece = sound[start : start + RATE // 4]
    assert len(piece) == RATE // 4 and (start + len(piece)) / RATE < (chord + 1) * seconds
    time, window = np.arange(len(piece)) / RATE, np.hanning(len(piece))
    return lambda hertz: 2 * abs(np.sum(piece * window * np.exp(-2j * np.pi * hertz * time)))


def test_the_frequencies_of_a_note(tmp_path):
    """Catches a tone an octave or a semitone off, and overtones of other loudness; an A has 440 hertz."""
    write_wav(str(tmp_path / "x.wav"), np.array([[69]], np.int32), 20)
    loud = heard(samples(tmp_path / "x.wav"), 20, 0)
    first = loud(440)
    for number, share in enumerate((1, 0.5, 0.25, 0.12, 0), 1):
        assert loud(440 * number) / first == pytest.approx(share, abs=0.003)
    for other in (220, 415.3, 466.2, 660, 1100):
        assert loud(other) < 0.01 * first


def test_the_chords_in_their_time(tmp_path):
    """Catches notes at another time, voices that are not heard, silence that sounds, and a note struck again at each chord."""
    chords = np.array([[69, 57, 0], [69, 60, 0], [0, 60, 0], [0, 0, 0], [72, 48, 64]], np.int32)
    write_wav(str(tmp_path / "x.wav"), chords, 20)
    sound = samples(tmp_path / "x.wav")
    assert len(sound) == int(5 * 0.75 * RATE) + RATE
    for place, chord in enumerate(chords):
        loud = heard(sound, 20, place)
        for note in (48, 57, 60, 64, 69, 72):
            hertz = 440 * 2 ** ((note - 69) / 12)
            octaves = [chord[v] and (note - chord[v]) / 12 for v in range(3)]
            if note in chord:
                assert loud(hertz) > 100
            elif not any(o in (1, 2) for o in octaves):  # no overtone of another
                assert loud(hertz) < 2, (place, note)
    assert abs(sound[int(3.2 * 0.75 * RATE) : int(3.9 * 0.75 * RATE)]).max() == 0
    held = sound[int(0.7 * 0.75 * RATE) : int(1.3 * 0.75 * RATE)]
    pieces = np.abs(held[: len(held) // 400 * 400].reshape(-1, 400)).max(1)
    assert pieces.min() > 0.4 * pieces.max(), "the A goes on while the other voice changes"


def test_nothing_clicks_or_clips(tmp_path):
    """Catches a note that begins or ends at once, sound cut off at its loudest or at the end, and half of the range."""
    write_wav(str(tmp_path / "x.wav"), np.array([[81, 76, 72, 69], [79, 74, 71, 67], [0, 0, 0, 0]], np.int32), 60)
    sound = samples(tmp_path / "x.wav")
    assert np.abs(sound).max() == pytest.approx(0.9, abs=1e-3)
    assert np.abs(np.diff(sound)).max() < 0.5 and abs(sound[0]) < 1e-3 and not sound[-RATE // 2 :].any()
    assert np.abs(sound[: RATE // 1000]).max() < 0.1
    ending = sound[int(0.5 * RATE) :]
    assert np.abs(ending[: int(0.02 * RATE)]).max() > np.abs(ending[int(0.06 * RATE) : int(0.08 * RATE)]).max() > 0
    assert not ending[int(0.085 * RATE) :].any()


def test_silence_is_silent(tmp_path):
    """Catches a division by the loudness of nothing."""
    with np.errstate(all="raise"):
        write_wav(str(tmp_path / "x.wav"), np.zeros([3, 4], np.int32))
    sound = samples(tmp_path / "x.wav")
    assert len(sound) == int(3 * 60 / 80 / 4 * RATE) + RATE and not sound.any()


def test_overtones_too_high_are_left_out(tmp_path):
    """Catches a high note that is heard as a deep one: what lies above half of the rate comes back below it."""
    write_wav(str(tmp_path / "x.wav"), np.array([[120]], np.int32), 20)
    loud = heard(samples(tmp_path / "x.wav"), 20, 0)
    hertz = 440 * 2 ** ((120 - 69) / 12)
    assert loud(hertz) > 100
    for number in (2, 3, 4):
        back = abs((number * hertz + RATE / 2) % RATE - RATE / 2)
        assert loud(back) < 0.01 * loud(hertz)


def test_the_same_sound_each_time(tmp_path):
    """Catches a time or a chance in the files."""
    for name in ("a", "b"):
        write_wav(str(tmp_path / name) + ".wav", HELD)
        write_midi(str(tmp_path / name) + ".mid", HELD)
    for end in (".wav", ".mid"):
        assert (tmp_path / ("a" + end)).read_bytes() == (tmp_path / ("b" + end)).read_bytes()
