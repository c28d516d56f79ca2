"""Chords to be heard: as MIDI, a track for each voice, and as sound. See `chorales` for what a chorale is.

MIDI is written and read by mido, which is not among the requirements; see `find_mido`. Sound is written by Python's own `wave`:
a few lines, where soundfile would bring a library in C.
"""

import contextlib
import io
import os
import re
import wave
from typing import Any, Iterator, List, NoReturn, Optional

import numpy as np

from rnn_tf1.errors import DataError, OutputError, UserError
from rnn_tf1.program.files import atomic_path, explain

TICKS = 4  # of MIDI's clock in a chord, a sixteenth; 16 in a quarter
VELOCITY = 80  # how hard each key is struck, from 1 to 127
MOST_VOICES = 9  # MIDI's tenth channel is that of the drums
SLOWEST, FASTEST = 4, 1000  # quarters a minute; MIDI has no slower ones
MOST_CHORDS, MAX_BYTES = 100000, 1 << 20  # of a MIDI file that is read; a small one can tell of any time
_ENDLESS = re.compile(b"[\x80-\xff]{10}")  # mido would put the digits together in the square of their number
RATE = 22050  # samples of sound in a second
_OVERTONES = (1.0, 0.5, 0.25, 0.12)  # loudness of the first four, an organ of sorts
_ATTACK, _RELEASE = 0.02, 0.08  # seconds in which a note comes and goes


def find_mido() -> Any:
    """The module mido; raises `UserError`, with the line that installs it, where it is missing."""
    try:
        import mido
    except ImportError as error:
        raise UserError(
            "mido is missing, which writes and reads MIDI. Install it: pip install mido, or in this repository "
            "pip install -e '.[music]'"
        ) from error
    return mido


def write_midi(path: str, chorale: np.ndarray, quarters_per_minute: float = 80.0) -> None:
    """Writes a chorale int32 [chords, voices] as a MIDI file of type 1; equal notes in a row are one that is held.

    Raises:
      DataError: for a note outside 0..127, for more than 9 voices, and for a tempo outside 4..1000.
      OutputError: if the file cannot be written.
      UserError: if mido is not installed.
    """
    mido = find_mido()
    _check(chorale, quarters_per_minute)
    file = mido.MidiFile(type=1, ticks_per_beat=4 * TICKS)
    for voice, notes in enumerate(chorale.T):
        track = mido.MidiTrack()
        if voice == 0:
            track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(quarters_per_minute)))
        now = 0
        for start, end, note in _held(notes):
            if note:
                options = dict(channel=voice, note=int(note), velocity=VELOCITY)
                track.append(mido.Message("note_on", time=start * TICKS - now, **options))
                track.append(mido.Message("note_off", time=(end - start) * TICKS, **options))
                now = end * TICKS
        track.append(mido.MetaMessage("end_of_track", time=len(notes) * TICKS - now))
        file.tracks.append(track)
    with _written(path) as temporary:
        file.save(temporary)


def read_midi(path: str) -> np.ndarray:
    """The chorale of a MIDI file that `write_midi` has written, int32 [chords, voices].

    Raises:
      DataError: for another file: one that is damaged, that has two notes at once in a track, or a note that does not begin
        or end with a sixteenth.
      UserError: if mido is not installed.
    """
    mido = find_mido()
    try:
        size = os.path.getsize(path)
        if size > MAX_BYTES:
            _refuse(path, "it has %s bytes, but at most %s are allowed" % (format(size, ","), format(MAX_BYTES, ",")))
        with open(path, "rb") as stream:
            content = stream.read(MAX_BYTES)
        if _ENDLESS.search(content):
            _refuse(path, "it has an endless number")
        file = mido.MidiFile(file=io.BytesIO(content))
    except DataError:
        raise
    except Exception as error:  # mido raises errors with no narrower common base
        _refuse(path, "not a MIDI file, or a damaged one (%s)" % error, error)
    if not 1 <= len(file.tracks) <= MOST_VOICES:  # before any of them is read: each may be long
        _refuse(
            path, "it has %s tracks, but 1 to %s are expected, one for each voice" % (len(file.tracks), MOST_VOICES)
        )
    if file.ticks_per_beat < 1:
        _refuse(path, "its clock counts film frames, not fractions of a quarter note")
    voices: List[List[int]] = []
    for number, track in enumerate(file.tracks):
        notes: List[int] = []
        now, sounding = 0, 0
        for message in track:
            now += message.time
            place, rest = divmod(4 * now, file.ticks_per_beat)
            if place > MOST_CHORDS:
                _refuse(path, "track %s has more than the %s sixteenths that are allowed" % (number, MOST_CHORDS))
            starts = message.type == "note_on" and message.velocity > 0
            if rest or (starts and (sounding or not message.note)):
                _refuse(path, "track %s is not a single voice in sixteenths" % number)
            notes += [sounding] * (place - len(notes))
            if starts:
                sounding = message.note
            elif message.type in ("note_on", "note_off") and message.note == sounding:
                sounding = 0
        voices.append(notes)
    if len({len(notes) for notes in voices}) != 1:
        _refuse(path, "its tracks have different lengths, which those of write_midi have not")
    return np.array(voices, np.int32).T


def write_wav(path: str, chorale: np.ndarray, quarters_per_minute: float = 80.0) -> None:
    """Writes a chorale as a WAV file, 16 bits, one channel; each note has three overtones.

    Raises:
      DataError: like `write_midi`.
      OutputError: if the file cannot be written.
    """
    _check(chorale, quarters_per_minute)
    seconds = 60 / quarters_per_minute / 4  # of a chord
    total = np.zeros([int(len(chorale) * seconds * RATE) + RATE])
    for notes in chorale.T:
        for start, end, note in _held(notes):
            if note:
                tone = _tone(440 * 2 ** ((note - 69) / 12), (end - start) * seconds)
                first = int(start * seconds * RATE)
                total[first : first + len(tone)] += tone
    loudest = np.abs(total).max() or 1.0
    samples = np.rint(total / loudest * 0.9 * 32767).astype("<i2")
    with _written(path) as temporary, open(temporary, "wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.tobytes())


def _check(chorale: np.ndarray, quarters_per_minute: float) -> None:
    """Raises `DataError` for what cannot be played."""
    if chorale.ndim != 2 or chorale.dtype.kind not in "iu" or not 1 <= chorale.shape[1] <= MOST_VOICES:
        raise DataError(
            "a chorale is %s %s, but whole numbers [chords, voices] with 1 to %s voices are expected."
            % (chorale.dtype, list(chorale.shape), MOST_VOICES)
        )
    wrong = np.argwhere((chorale < 0) | (chorale > 127))
    if len(wrong):
        row, voice = wrong[0]
        raise DataError(
            "chord %s, voice %s: %s is not a MIDI note, 0 (silent) or 1 to 127." % (row, voice, chorale[row, voice])
        )
    if not SLOWEST <= quarters_per_minute <= FASTEST:
        raise DataError(
            "%s quarters per minute: pass a number from %s to %s." % (quarters_per_minute, SLOWEST, FASTEST)
        )


@contextlib.contextmanager
def _written(path: str) -> Iterator[str]:
    """Like `atomic_path`, with `OutputError` for all errors of the disk."""
    try:
        with atomic_path(path) as temporary:
            yield temporary
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(*explain(path, error)) from error


def _refuse(path: str, wrong: str, why: Optional[Exception] = None) -> NoReturn:
    raise DataError("%s: %s. Pass a file that write_midi has written." % (path, wrong)) from why


def _tone(hertz: float, seconds: float) -> np.ndarray:
    time = np.arange(int((seconds + _RELEASE) * RATE)) / RATE
    tone = np.zeros(len(time))
    for number, loud in enumerate(_OVERTONES, 1):
        if number * hertz < RATE / 2:  # a higher one would be aliased to a lower frequency
            tone += loud * np.sin(2 * np.pi * number * hertz * time)
    return tone * np.clip(np.minimum(time / _ATTACK, (seconds + _RELEASE - time) / _RELEASE), 0, 1)


def _held(notes: np.ndarray) -> Any:
    """(start, end, note) of each run of equal notes."""
    bounds = np.flatnonzero(np.diff(notes, prepend=-1, append=-1))
    return [(int(start), int(end), int(notes[start])) for start, end in zip(bounds[:-1], bounds[1:])]
