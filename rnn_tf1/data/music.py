"""Chords to be heard: as MIDI, a track for each voice, and as sound. See `chorales` for what a chorale is.

MIDI is written and read by mido (`pip install mido`).
"""

import os
import wave
from typing import Any, List

import numpy as np

from rnn_tf1.errors import DataError, OutputError, UserError
from rnn_tf1.files import atomic_path

TICKS = 4  # of MIDI's clock in a chord, a sixteenth; 16 in a quarter
VELOCITY = 80  # how hard each key is struck, from 1 to 127
RATE = 22050  # samples of sound in a second
_OVERTONES = (1.0, 0.5, 0.25, 0.12)  # loudness of the first four, an organ of sorts
_ATTACK, _RELEASE = 0.02, 0.08  # seconds in which a note comes and goes


def write_midi(path: str, chorale: np.ndarray, quarters_per_minute: float = 80.0) -> None:
    """Writes a chorale int32 [chords, voices] as a MIDI file of type 1; equal notes in a row are one that is held.

    Raises `DataError` for a note outside 0..127, `OutputError` where the file cannot be written, and `UserError` where mido is
    missing.
    """
    mido = _mido()
    wrong = np.argwhere((chorale < 0) | (chorale > 127))
    if len(wrong):
        row, voice = wrong[0]
        raise DataError(f"chord {row}, voice {voice}: {chorale[row, voice]} is no MIDI note, 0 (silent) or 1 to 127.")
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
    with atomic_path(path) as temporary:
        try:
            file.save(temporary)
        except OSError as error:
            raise OutputError(
                f"{path} cannot be written ({error.strerror}). Choose another folder with --out-dir."
            ) from error


def read_midi(path: str) -> np.ndarray:
    """The chorale of a MIDI file that `write_midi` has written, int32 [chords, voices].

    Raises `DataError` for another file: one that is damaged, that has two notes at once in a track, or a note that does not
    begin or end with a sixteenth.
    """
    mido = _mido()
    try:
        file = mido.MidiFile(path)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise DataError(f"{path}: no MIDI file, or a damaged one ({error}).") from error
    voices: List[List[int]] = []
    for number, track in enumerate(file.tracks):
        notes: List[int] = []
        now, sounding = 0, 0
        for message in track:
            now += message.time
            place, rest = divmod(4 * now, file.ticks_per_beat)
            starts = message.type == "note_on" and message.velocity > 0
            if rest or (starts and sounding):
                raise DataError(f"{path}: track {number} is no single voice in sixteenths.")
            notes += [sounding] * (place - len(notes))
            if starts:
                sounding = message.note
            elif message.type in ("note_on", "note_off"):
                sounding = 0
        voices.append(notes)
    if not voices or len({len(notes) for notes in voices}) != 1:
        raise DataError(f"{path}: its tracks are of different lengths: no chorale that was written here.")
    return np.array(voices, np.int32).T


def write_wav(path: str, chorale: np.ndarray, quarters_per_minute: float = 80.0) -> None:
    """Writes a chorale as sound, 16 bits, one channel: each voice a tone with three overtones."""
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
    with atomic_path(path) as temporary, wave.open(os.fspath(temporary), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def _tone(hertz: float, seconds: float) -> np.ndarray:
    time = np.arange(int((seconds + _RELEASE) * RATE)) / RATE
    tone = sum(loud * np.sin(2 * np.pi * hertz * (n + 1) * time) for n, loud in enumerate(_OVERTONES))
    return tone * np.clip(np.minimum(time / _ATTACK, (seconds + _RELEASE - time) / _RELEASE), 0, 1)


def _held(notes: np.ndarray) -> Any:
    """(start, end, note) of each stretch of equal notes."""
    bounds = np.flatnonzero(np.diff(notes, prepend=-1, append=-1))
    return [(int(start), int(end), int(notes[start])) for start, end in zip(bounds[:-1], bounds[1:])]


def _mido() -> Any:
    try:
        import mido
    except ImportError as error:
        raise UserError("mido is missing, which writes and reads MIDI: pip install mido") from error
    return mido
