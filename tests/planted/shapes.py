"""Wrong lines for the data of the other shapes of sequence: where it comes from, what is drawn or read, and ragged batches."""

from planted import Mutant

ARCHIVE, ORDER, RAGGED = "rnn_tf1/data/files/archive.py", "rnn_tf1/data/batches.py", "rnn_tf1/data/ragged.py"
SETS, REVIEWS, REBER = "rnn_tf1/data/files/sets.py", "rnn_tf1/data/text/reviews.py", "rnn_tf1/data/generated/reber.py"
CANVASES, MOVING = "rnn_tf1/data/images/canvases.py", "rnn_tf1/data/images/moving_digits.py"
SKETCHES, CHORALES, MUSIC = (
    "rnn_tf1/data/images/sketches.py",
    "rnn_tf1/data/music/chorales.py",
    "rnn_tf1/data/music/scores.py",
)

OF_SETS, OF_REVIEWS, OF_REBER = (
    "tests/data/test_sets.py -k ",
    "tests/data/test_reviews.py -k ",
    "tests/data/test_reber.py -k ",
)
OF_RAGGED, OF_CANVASES = "tests/data/test_ragged.py -k ", "tests/data/test_canvases.py -k "
OF_MOVING, OF_SKETCHES = "tests/data/test_moving_digits.py -k ", "tests/data/test_sketches.py -k "
OF_CHORALES, OF_MUSIC = "tests/data/test_chorales.py -k ", "tests/data/test_music.py -k "

TEST_ARCHIVE, TEST_BREAKS = OF_REVIEWS + "archive_in_the_folder", OF_SKETCHES + "breaks_it_alone"
TEST_ONCE, TEST_TOGETHER, TEST_FIT = OF_RAGGED + "comes_once", OF_RAGGED + "one_length", OF_RAGGED + "do_not_fit"
TEST_BOXES, TEST_MOVES, TEST_ALONE = OF_CANVASES + "boxes", OF_MOVING + "label_says", OF_MOVING + "by_itself"
TEST_CHANGES, TEST_LINE, TEST_STROKES = (
    OF_MOVING + "changes_once",
    OF_SKETCHES + "named",
    OF_SKETCHES + "ndjson_by_hand",
)
TEST_ROWS, TEST_MEMORY, TEST_STAND_IN = OF_CHORALES + "bad_rows", OF_CHORALES + "memory", OF_CHORALES + "of_a_rule"
TEST_BACK, TEST_OTHERS, TEST_HEARD = OF_MUSIC + "written_is_read", OF_MUSIC + "of_others", OF_MUSIC + "in_their_time"

MUTANTS = [
    # Where the files are
    Mutant(SETS, "not missing and not generated", "not missing", OF_SETS + "asked_for", "real files for made ones"),
    Mutant(
        SETS, "data_set.fetch(folder, missing)", "data_set.fetch(folder, [*data_set.names])", OF_SETS + "fetched", "all"
    ),
    Mutant(
        SETS,
        "if not generated and len(missing) < len(data_set.names):",
        "if False:",
        OF_SETS + "part_of_the_files",
        "a stand-in for the rest of a user's files",
    ),
    Mutant(
        SETS, '"" if data_set.fetch is None else ', "", OF_SETS + "in_one_line", "a network blamed that nobody asked"
    ),
    Mutant(SETS, "return current and ", "return ", OF_SETS + "another_version", "files of another version"),
    Mutant(
        SETS,
        "all(os.path.exists(os.path.join(folder, name)) for name in data_set.names)",
        "True",
        OF_SETS + "another_version",
        "a stand-in of which a file is missing",
    ),
    Mutant(
        SETS,
        "make_directory(folder)",
        "pass",
        OF_SETS + "cannot_be_written",
        "a folder that is not tried before it is filled",
    ),
    # Film reviews
    Mutant(
        REVIEWS, "labels += [label] * len(found)", "labels += [0] * len(found)", OF_REVIEWS + "of_a_folder", "one kind"
    ),
    Mutant(
        REVIEWS,
        "epoch_order(len(sentences), seed, 0)",
        "np.arange(len(sentences))",
        OF_REVIEWS + "seed_alone",
        "a test of the first file only",
    ),
    Mutant(REVIEWS, "(len(order) - test)", "len(order)", OF_REVIEWS + "of_a_folder", "a tenth of all, not of the rest"),
    Mutant(REVIEWS, " + repr(part.labels.tolist())", "", OF_REVIEWS + "identity", "verdicts turned round unnoticed"),
    Mutant(
        REVIEWS, "enumerate(read_lines(path), 1)", "enumerate(read_lines(path))", OF_REVIEWS + "bad_files", "a line off"
    ),
    Mutant(REVIEWS, "if len(found) < 10:", "if len(found) <= 10:", OF_REVIEWS + "ten_sentences", "ten refused"),
    Mutant(REVIEWS, 'decode("cp1252", "replace")', 'decode("latin-1")', OF_REVIEWS + "as_utf8", "dashes lost"),
    Mutant(
        REVIEWS,
        "        os.remove(os.path.join(folder, ARCHIVE))",
        "        pass",
        OF_REVIEWS + "as_utf8",
        "an archive left behind",
    ),
    Mutant(
        REVIEWS,
        "        _unpack(os.path.join(data_directory(data_dir), _SET.folder))",
        "        pass",
        TEST_ARCHIVE,
        "an archive that the user has put there passed over",
    ),
    Mutant(
        REVIEWS, "    for name in missing:\n", "    for name in NAMES:\n", OF_REVIEWS + "as_utf8", "own file replaced"
    ),
    Mutant(
        REVIEWS,
        "name not in missing and sum(1 for _ in read_lines(path)) != SENTENCES",
        "False",
        OF_REVIEWS + "not_mixed",
        "half of one's own sentences and half of the published",
    ),
    Mutant(
        REVIEWS, "        if lines != SENTENCES:", "        if False:", OF_REVIEWS + "bad_archive", "another archive"
    ),
    Mutant(
        REVIEWS, "_GOOD if good != turned else _BAD", "_GOOD if good else _BAD", OF_REVIEWS + "stand_in", "a lame not"
    ),
    Mutant(
        REVIEWS,
        "clause(not good)} , but",
        "clause(good)} , but",
        OF_REVIEWS + "stand_in",
        "but without a contradiction",
    ),
    # Reber strings
    Mutant(REBER, '3: [("T", 3), ("V", 5)]', '3: [("T", 3), ("V", 4)]', OF_REBER + "regular", "a wrong arrow"),
    Mutant(REBER, 'inner + outer + "E"', 'inner + "TP"[random.randint(2)] + "E"', OF_REBER + "of_the_grammar", "a lie"),
    Mutant(REBER, ' or text[-2:] != text[1] + "E"', "", OF_REBER + "regular", "the second letter forgotten"),
    Mutant(REBER, "letters + len(text) + 1", "letters + len(text)", OF_REBER + "best", "the end not counted"),
    Mutant(REBER, "0, choices + 1, letters", "0, choices, letters", OF_REBER + "best", "the second letter known"),
    Mutant(REBER, "    return state == LAST", "    return True", OF_REBER + "regular", "strings that break off"),
    Mutant(REBER, "if random.randint(4) == 0:", "if random.randint(40) == 0:", OF_REBER + "a_quarter", "hardly any"),
    Mutant(
        REBER, "        if not is_valid(changed):", "        if True:", OF_REBER + "differ_in_one", "nothing broken"
    ),
    Mutant(
        REBER,
        "place = random.randint(len(text))",
        "place = random.randint(len(text) - 1)",
        OF_REBER + "every_wrong",
        "a last letter that is never wrong",
    ),
    Mutant(REBER, "random.permutation(count) % 2", "np.arange(count) % 2", OF_REBER + "one_half", "verdicts in turns"),
    Mutant(
        REBER, "text if label else broken", "broken(text, random) if label else broken", OF_REBER + "one_half", "none"
    ),
    Mutant(
        REBER,
        "    random = np.random.RandomState([seed, part, 2])",
        "    random = np.random.RandomState([seed + part, 2])",
        OF_REBER + "pure_function",
        "parts shared",
    ),
    Mutant(REBER, "if text not in seen", "if True", OF_REBER + "unseen", "the known ones kept"),
    Mutant(
        REBER,
        "        if len(strings) % 2:\n            text = broken(text, random)\n        if text not in seen:\n",
        "        if random.randint(2):\n            text = broken(text, random)\n        if text not in seen:\n",
        OF_REBER + "unseen",
        "one kind more often",
    ),
    Mutant(REBER, 'text[-2:-1] in ("T", "P") and ', "", OF_REBER + "memory", "any letter there"),
    Mutant(
        REBER, "and is_valid(_turned(text))", "and text[1] != text[-2]", OF_REBER + "memory", "any where the two differ"
    ),
    Mutant(
        REBER,
        "zip(self.strings, self.labels) if label]",
        "zip(self.strings, self.labels)]",
        OF_REBER + "streams",
        "all",
    ),
    # Ragged batches
    Mutant(RAGGED, "if np.ndim(labels[0]) else", "if False else", TEST_ONCE, "labels of each step not padded"),
    Mutant(
        RAGGED, "row[: len(one)] = one", "row[len(row) - len(one) :] = one", OF_RAGGED + "'by_hand or pad'", "in front"
    ),
    Mutant(
        RAGGED,
        'pool[np.argsort(self.lengths[pool], kind="stable")]',
        "pool",
        TEST_TOGETHER,
        "sequences of any length together",
    ),
    Mutant(
        RAGGED,
        "order = epoch_order(len(self.sequences), self.seed, epoch)",
        "order = np.arange(len(self.sequences))",
        OF_RAGGED + "seed_and_epoch",
        "the same sequences together in each epoch",
    ),
    Mutant(
        RAGGED, "batch_order(self.count, self.seed, epoch, start))", "range(start, self.count))", TEST_TOGETHER, "order"
    ),
    Mutant(RAGGED, "if self.lengths.min() < 1:", "if self.lengths.min() < 0:", TEST_FIT, "a sequence without a step"),
    Mutant(RAGGED, "found[1] != shape or ", "", TEST_FIT, "a step spread over three columns"),
    Mutant(RAGGED, 'or not np.can_cast(found[0], kind, "same_kind")', "", TEST_FIT, "fractions cut off"),
    Mutant(RAGGED, " or (np.ndim(label) and len(label) != len(one))", "", TEST_FIT, "labels that are too few"),
    Mutant(
        RAGGED,
        "min(first + rows, len(self.sequences))",
        "min(first + self.rows, len(self.sequences))",
        OF_RAGGED + "in_order",
        "other rows",
    ),
    Mutant(RAGGED, "    if time is not None and lengths.max() > time:", "    if False:", OF_RAGGED + "pad", "cut off"),
    Mutant(RAGGED, "len(one) - most, 0)", "len(one) - most)", OF_RAGGED + "to_show", "the longest of those that fit"),
    Mutant(RAGGED, "least - len(one), len(one)", "0, len(one)", OF_RAGGED + "to_show", "short ones for long ones"),
    Mutant(ORDER, "    _check(seed, epoch)\n    if not 0", "    if not 0", OF_RAGGED + "of_batches", "any seed"),
    Mutant(
        "rnn_tf1/data/text/vectors.py",
        "width if count == 1 else 0",
        "width",
        "tests/data/test_vectors.py -k another_size",
        "the size blamed for a damaged line",
    ),
    # Canvases
    Mutant(CANVASES, "np.maximum(upper - lower, 0)", "(upper - lower)", OF_CANVASES + "resized", "negative shares"),
    Mutant(CANVASES, "shares @ image @ shares.T", "(shares @ image @ shares.T).T", OF_CANVASES + "resized", "turned"),
    Mutant(
        CANVASES, "(row, column, side), which in", "(column, row, side), which in", OF_CANVASES + "pixels", "elsewhere"
    ),
    Mutant(CANVASES, "source.labels[chosen]", "np.sort(source.labels[chosen])", OF_CANVASES + "pixels", "sorted words"),
    Mutant(
        CANVASES,
        "row = line * LINE + random.randint(LINE - side + 1)",
        "row = line * LINE + random.randint(LINE)",
        TEST_BOXES,
        "over the line",
    ),
    Mutant(
        CANVASES, "most = min(LARGEST, SIZE // some)", "most = min(LARGEST, SIZE // some + 3)", TEST_BOXES, "too large"
    ),
    Mutant(CANVASES, "np.sort(random.randint(spare", "(random.randint(spare", TEST_BOXES, "digits upon each other"),
    Mutant(CANVASES, "random.randint(1, MOST + 1)", "random.randint(1, MOST)", TEST_BOXES, "never four digits"),
    Mutant(CANVASES, "np.clip(images, 0, 1)", "images", OF_CANVASES + "noise", "pixels outside 0..1"),
    Mutant(CANVASES, "images = NOISE *", "images = 2 * NOISE *", OF_CANVASES + "noise", "twice the noise"),
    Mutant(
        CANVASES, "np.append(words, STOP)", "np.append(words, START)", OF_CANVASES + "captions_by", "no end to learn"
    ),
    Mutant(
        CANVASES, "[len(digits) + 1 for", "[len(digits) for", OF_CANVASES + "captions_by", "a length without the end"
    ),
    Mutant(CANVASES, "TRAINING + epoch * self.count", "TRAINING + 0 * self.count", OF_CANVASES + "none_comes", "again"),
    Mutant(CANVASES, "TEST, TRAINING = 0, 1, 2", "TEST, TRAINING = 0, 1, 1", OF_CANVASES + "none_comes", "trained on"),
    Mutant(CANVASES, "or not len(source.labels)", "", OF_CANVASES + "another_size", "a crash without digits"),
    # Moving digits
    Mutant(MOVING, "left=(0, -1), right=(0, 1)", "left=(0, 1), right=(0, -1)", TEST_MOVES, "left for right"),
    Mutant(MOVING, "up=(-1, 0)", "up=(0, -1)", TEST_MOVES, "up for left"),
    Mutant(MOVING, "np.where(random.rand(count, 1) < 0.5, 1, -1)", "1", TEST_MOVES, "circles that turn one way"),
    Mutant(MOVING, "+ turn * np.arange(frames)", "+ turn", TEST_MOVES, "a circle that is a line"),
    Mutant(
        MOVING,
        "random.uniform(0, SIZE, size=[count, 1, 2])",
        "random.uniform(0, SIZE / 2, size=[count, 1, 2])",
        TEST_ALONE,
        "a place that tells",
    ),
    Mutant(
        MOVING,
        "random.uniform(0, SIZE, size=[count, 1, 2])",
        "np.floor(random.uniform(0, SIZE, size=[count, 1, 2]))",
        TEST_ALONE,
        "a sharpness that tells",
    ),
    Mutant(MOVING, "np.arange(frames) < since", "np.arange(frames) <= since", TEST_CHANGES, "a change that comes late"),
    Mutant(
        MOVING, "random.randint(1, len(MOVEMENTS), size", "random.randint(0, len(MOVEMENTS), size", TEST_CHANGES, "none"
    ),
    Mutant(MOVING, "movements[:, -1].astype", "movements[:, 0].astype", TEST_CHANGES, "the movement of the start"),
    Mutant(MOVING, "_shifts(paths[..., 0]) @ digits", "_shifts(paths[..., 1]) @ digits", TEST_MOVES, "one way down"),
    Mutant(MOVING, "(1 - share) * _ROLLED", "share * _ROLLED", OF_MOVING + "picture", "shares mixed up"),
    Mutant(
        MOVING,
        "    drawn += NOISE",
        "    drawn[:, :1] += NOISE",
        OF_MOVING + "the_noise",
        "noise in a part of the frames",
    ),
    Mutant(MOVING, "3 * number + self.part", "number + self.part", OF_MOVING + "own", "clips of another part"),
    Mutant(
        MOVING,
        "self.batch(epoch * self.count + number)",
        "self.batch(number)",
        OF_MOVING + "own",
        "clips that come again",
    ),
    Mutant(
        MOVING,
        "RandomState([self.seed, epoch, number, 2])",
        "RandomState([self.seed, epoch, 2])",
        OF_MOVING + "one_frame",
        "fixed",
    ),
    Mutant(
        MOVING,
        "labels = labels[np.arange(rows), chosen][:, None]",
        "pass",
        OF_MOVING + "one_frame",
        "20 labels for one",
    ),
    # Sketches
    Mutant(SKETCHES, "allow_pickle=False", "allow_pickle=True", OF_SKETCHES + "python_objects", "a stranger's program"),
    Mutant(SKETCHES, "            if size > most:", "            if False:", OF_SKETCHES + "bomb", "a bomb unpacked"),
    Mutant(
        SKETCHES, "        if not isinstance(array, np.ndarray):", "        if False:", OF_SKETCHES + "within", "bytes"
    ),
    Mutant(
        SKETCHES,
        "    except Exception as error:",
        "    except ValueError as error:",
        OF_SKETCHES + "'within or ways'",
        "a leak",
    ),
    Mutant(SKETCHES, " <= len(classes) <= MOST_CLASSES", " <= len(classes)", OF_SKETCHES + "within", "endless names"),
    Mutant(SKETCHES, "offsets[0] != 0 or ", "", TEST_BREAKS, "drawings that begin behind the first"),
    Mutant(
        SKETCHES, "steps > MOST_STEPS, f", "steps > 2 * MOST_STEPS, f", OF_SKETCHES + "limits", "a limit that is none"
    ),
    Mutant(SKETCHES, "| (labels >= len(classes))", "", TEST_BREAKS, "a label of no class"),
    Mutant(SKETCHES, "~np.isfinite(strokes).all(1)", "np.isnan(strokes).any(1)", TEST_BREAKS, "infinite steps"),
    Mutant(SKETCHES, "(strokes[:, 2] != 0) & (strokes[:, 2] != 1)", "(strokes[:, 2] < 0)", TEST_BREAKS, "half a pen"),
    Mutant(
        SKETCHES,
        "drawings.labels.astype(np.int32)\n    with",
        "drawings.labels.astype(np.uint8)\n    with",
        OF_SKETCHES + "written_is_read",
        "class 300",
    ),
    Mutant(
        SKETCHES,
        "np.rint(size * (points",
        "np.rint(random.uniform(60, 200) * (points",
        OF_SKETCHES + "stand_in",
        "rungs that do not meet the sides",
    ),
    Mutant(SKETCHES, "prepend=points[:1]", "prepend=0 * points[:1]", TEST_STROKES, "a first step from the corner"),
    Mutant(
        SKETCHES, "for stroke in strokes]) - 1] = 1", "for stroke in strokes[:-1]])] = 1", TEST_STROKES, "a step late"
    ),
    Mutant(SKETCHES, "points.shape[0] != 2 or ", "", TEST_LINE, "a stroke of one list"),
    Mutant(SKETCHES, "KeyError, OverflowError)", "KeyError)", TEST_LINE, "a traceback for a large number"),
    Mutant(SKETCHES, "if not np.isfinite(strokes).all():", "if False:", TEST_LINE, "a point that is no number"),
    Mutant(SKETCHES, "if other is not None:", "if False:", OF_SKETCHES + "do_not_fit", "two classes under one name"),
    Mutant(
        SKETCHES,
        ".max(0) - places.min(0)).max())",
        ".max(0) - places.min(0)).min())",
        OF_SKETCHES + "test_scaled",
        "shape",
    ),
    # Chorales, and archives as a whole
    Mutant(CHORALES, "if note is None or 0 < note < 21:", "if False:", TEST_ROWS, "notes that no piano has"),
    Mutant(CHORALES, "if len(row) != len(VOICES):", "if len(row) < len(VOICES):", TEST_ROWS, "five voices"),
    Mutant(CHORALES, "enumerate(rows[1:], 2)", "enumerate(rows[1:], 1)", TEST_ROWS, "another row named"),
    Mutant(
        CHORALES, "if not rows or rows[0] != HEADER:", "if not rows:", TEST_ROWS, "a first chord taken for the header"
    ),
    Mutant(
        CHORALES, "for name, content in sorted(", "for name, content in list(", OF_CHORALES + "of_a_folder", "any order"
    ),
    Mutant(
        CHORALES, r'r"(train|valid|test)/\w', r'r"(train|valid|test)/.', OF_CHORALES + "of_a_folder", "a Mac's leavings"
    ),
    Mutant(
        CHORALES, "        if not found:\n", "        if False:\n", OF_CHORALES + "bad_archives", "a part without any"
    ),
    Mutant(CHORALES, "if note + 12 * octave <= HIGHEST", "", TEST_STAND_IN, "a soprano above her range"),
    Mutant(CHORALES, "if note + 12 * octave < soprano", "", TEST_STAND_IN, "voices that cross"),
    Mutant(
        CHORALES,
        "np.where(chorale > 0, chorale + semitones, 0)",
        "(chorale + semitones)",
        OF_CHORALES + "words_by",
        "silence",
    ),
    Mutant(
        CHORALES,
        "word[:1] == VOICES[len(notes) % len(VOICES)][0] and ",
        "",
        OF_CHORALES + "words_by",
        "another voice's note",
    ),
    Mutant(CHORALES, "range(-most, most + 1)", "range(-most, most)", OF_CHORALES + "streams", "a key left out"),
    Mutant(
        CHORALES,
        "for place in epoch_order(len(many), seed, 0)",
        "for place in range(len(many))",
        OF_CHORALES + "streams",
        "unmixed",
    ),
    Mutant(CHORALES, "(most, 0, 0)", "(0, 0, 0)", OF_CHORALES + "without_a_word", "<unk> in the highest key"),
    Mutant(ARCHIVE, ").fullmatch", ").match", OF_CHORALES + "called_so", "names that only begin so"),
    Mutant(
        ARCHIVE,
        "                    _check_end(unpacked, tar.offset, most_bytes)",
        "                    pass",
        OF_CHORALES + "noticed",
        "a part of the files for all",
    ),
    Mutant(ARCHIVE, 'if rest.strip(b"\\0") or', "if", OF_CHORALES + "every_damage", "a damaged header for the end"),
    Mutant(
        ARCHIVE,
        "    if not zeros:",
        "    if False:",
        OF_CHORALES + "what_is_packed",
        "an archive cut between two files",
    ),
    Mutant(
        ARCHIVE,
        "except Exception as error:",
        "except RecursionError as error:",
        OF_CHORALES + "stranger",
        "tarfile's ValueError",
    ),
    Mutant(ARCHIVE, "if most is None and total > MOST_READ:", "if False:", TEST_MEMORY, "the memory filled"),
    Mutant(
        ARCHIVE,
        "                    if most is None:\n",
        "                    if False:\n",
        TEST_MEMORY,
        "files left out in silence",
    ),
    # Music
    Mutant(MUSIC, "time=start * TICKS - now", "time=start * TICKS", TEST_BACK, "time counted twice"),
    Mutant(MUSIC, "time=len(notes) * TICKS - now", "time=0", TEST_BACK, "silence lost at the end"),
    Mutant(MUSIC, "channel=voice", "channel=0", OF_MUSIC + "bytes_by_hand", "voices that let go each other's keys"),
    Mutant(
        MUSIC,
        "np.diff(notes, prepend=-1, append=-1)",
        "np.arange(len(notes) + 1) + 1",
        OF_MUSIC + "struck_once",
        "struck",
    ),
    Mutant(MUSIC, "if rest or (starts", "if (starts", TEST_OTHERS, "notes moved to a sixteenth"),
    Mutant(MUSIC, "(starts and (sounding or not message.note))", "False", TEST_OTHERS, "two voices taken for one"),
    Mutant(
        MUSIC,
        "            if place > MOST_CHORDS:",
        "            if False:",
        TEST_OTHERS,
        "the memory filled with silence",
    ),
    Mutant(MUSIC, "    if file.ticks_per_beat < 1:", "    if False:", TEST_OTHERS, "a division by zero"),
    Mutant(
        MUSIC,
        "    except Exception as error:",
        "    except (OSError, ValueError) as error:",
        TEST_OTHERS,
        "mido's own error",
    ),
    Mutant(MUSIC, " and message.note == sounding", "", OF_MUSIC + "reads_by_hand", "another key that ends the note"),
    Mutant(MUSIC, 'chorale.dtype.kind not in "iu"', "False", OF_MUSIC + "played", "notes cut to whole ones"),
    Mutant(
        MUSIC,
        "        raise OutputError(*explain(path, error)) from error",
        "        raise",
        OF_MUSIC + "cannot_be_written",
        "a traceback",
    ),
    Mutant(MUSIC, "(note - 69) / 12", "(note - 57) / 12", OF_MUSIC + "frequencies", "an octave lower"),
    Mutant(
        MUSIC,
        "total[first : first + len(tone)] += tone",
        "total[first : first + len(tone)] = tone",
        TEST_HEARD,
        "a voice",
    ),
    Mutant(
        MUSIC, "if number * hertz < RATE / 2:", "if True:", OF_MUSIC + "overtones_too", "high notes heard as deep ones"
    ),
    Mutant(MUSIC, ".max() or 1.0", ".max()", OF_MUSIC + "silence_is", "a division by the loudness of nothing"),
    Mutant(MUSIC, "tone * np.clip(", "tone + 0 * np.clip(", OF_MUSIC + "clicks", "a note that ends at once"),
]
