"""Damaged copies of valid files, by their fields as well as by their bytes: what tests/fuzz.py gives the loaders to read.

Everything is drawn from a `random.Random`, so that one number names one case. Packed files are unpacked, changed inside and
packed again with the right checksums most of the time: what lies behind these is to be reached, too.
"""

import io
import json
import re
import struct
import zipfile
import zlib

import numpy as np

BIG, DEEP = "9" * 4400, "[" * 100000  # of digits: more than Python turns into a number; of brackets: more than it nests
TEXTS = (
    "",
    " ",
    "\t",
    "0",
    "-1",
    "1",
    "127",
    "2147483648",
    "9" * 20,
    BIG,
    "1e308",
    "-1e308",
    "1e400",
    "nan",
    "inf",
    "-Infinity",
    "1_000",
    "\u00b2",
    "\u0663",
    "\u00bd",
    "0x10",
    "1,5",
    "1;5",
    "\x1b[31m",
    "\x1b]0;title\x07",
    "\u202e",
    "\u2028",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\r",
    "\n",
    "\r\n",
    "\n\n",
    "\n\n\n\n",
    "\0",
    '"',
    '""',
    "'",
    "\\",
    "%s%n",
    "$x$",
    "{0}",
    "=1+1",
    "\ufeff",
    "\U0001f600",
    "e\u0301",
    "A" * 5000,
    "$" * 9,
    "<!doctype html>",
    "2020-01-31",
    "31.12.9999",
    "01/02/2020",
    "0001-01-01",
    "9999-12-31T23:59:59.999999+23:59",
    "2020-01-31T09:30:00Z",
    "Jan 2020",
    "sep=;\n",
    "[NUM]",
    "<unk>",
    "<eos>",
    "</s>",
    "NA",
    "null",
    "http://www.a.com/b",
    "&amp;",
    "* * * * *",
)
VALUES = (0, -1, 1, 2, 7, 255, 2**31, 2**63, 2**64, 10**30, 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), True)
VALUES += (
    False,
    None,
    "",
    "x",
    "\x1b[2J",
    "\ud800",
    "$\\frac$",
    [],
    {},
    [[]],
    [None],
    {"": {}},
    "9" * 30,
    [1, [2]],
    "1",
    "a:\u00b2",
    "a:\u0663",
    "a:" + BIG,
    ":1",
    "[::1]:1",
    "a:0",
    "a:1_0",
    "\x1b:1",
)
RAW = (BIG, DEEP, "-", "1e999", "[1,2", '{"a":' * 50000, "NaN", "-Infinity", '"\\ud800"', '"\\u0000"', "01", "{}{}")
MOST = 2 << 20  # bytes of a file that is unpacked here, or made


def mutate(random, files):
    """Another {name: bytes}, with something wrong in it, mostly."""
    files = dict(files)
    for _ in range(random.choice((1, 1, 1, 1, 2, 3, 6))):
        name = random.choice(sorted(files))
        if random.random() < 0.02:
            other = random.choice(sorted(files))
            files[name], files[other] = files[other], files[name]
        elif random.random() < 0.01 and len(files) > 1:
            del files[name]
        else:
            files[name] = content(random, name, files[name])[:MOST]
    return files


def content(random, name, data):
    """Another content for a file of that name, which tells what it is made of."""
    if random.random() < 0.2:
        return raw(random, data)
    for ending, change in KINDS:
        if name.endswith(ending):
            try:
                return change(random, name, data)
            except (struct.error, IndexError, ValueError):  # another change has broken its form
                break
    return raw(random, data)


def raw(random, data):
    """Bytes that are flipped, set, taken out, put in, moved, cut off or said twice."""
    data, size = bytearray(data), len(data)
    start = random.randrange(size + 1)
    end = min(size, start + int(2 ** random.uniform(0, 12)))
    way = random.randrange(9)
    if way == 0 and size:
        for _ in range(random.choice((1, 1, 2, 8))):
            data[random.randrange(size)] ^= 1 << random.randrange(8)
    elif way == 1 and size:
        data[start : start + 4] = random.choice(
            (b"\0" * 4, b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\x80" * 40)
        )
    elif way == 2:
        del data[start:end]
    elif way == 3:
        data[start:start] = data[start:end] * random.choice((1, 2, 50))
    elif way == 4:
        data[start:start] = random.choice(TEXTS).encode("utf-8", "surrogatepass")
    elif way == 5:
        del data[start:]
    elif way == 6:
        data = data[end:] + data[start:end]
    elif way == 7:
        data[start:end] = bytes(random.getrandbits(8) for _ in range(min(64, end - start)))
    elif random.random() < 0.1:
        data = bytearray(
            random.choice((b"", b"\0", b"\n", b"<html>", b"\x1f\x8b", b"PK\5\6" + b"\0" * 18, b"\x80\4.", data * 3))
        )
    else:
        data[start:start] = bytes([random.getrandbits(8)]) * random.choice((1, 3, 300, 70000))
    return bytes(data)


def text(random, name, data):
    """Lines and fields of a text that are exchanged, said twice, left out or mixed up, and other encodings of it."""
    string = data.decode("utf-8", "surrogateescape")
    way = random.randrange(12)
    if way == 0:
        codec = random.choice(("utf-16", "utf-16-le", "latin-1", "utf-8-sig", "utf-32", "cp037"))
        return string.encode(codec, "replace")
    if way == 1:
        string = string.replace("\n", random.choice(("\r\n", "\r", "\n\n", "\x85", "\u2028", "\0", " ", "\n \n")))
    elif way == 2:
        old, new = (random.choice((",", ";", "\t", " ", ".", '"', "\n", "-", ":")) for _ in range(2))
        string = string.replace(old, new, random.choice((1, 3, -1)))
    else:
        lines = string.split("\n")
        place = random.choice((0, 1, len(lines) - 1, random.randrange(len(lines)))) % len(lines)
        if way == 3:
            lines[place : place + 1] = []
        elif way == 4:
            again = random.choice(lines)
            lines[place:place] = [again] * min(random.choice((1, 1, 2, 400)), MOST // (1 + len(again)))
        elif way == 5:
            lines[place] = _times(lines[place], random.choice((2, 40, 20000 // (1 + len(lines[place])))))
        elif way == 6:
            lines[place] = _times(random.choice(TEXTS), random.choice((1, 1, 1, 30, 3000)))
        elif way == 7:
            random.shuffle(lines)
        elif way == 8:
            lines[place:place] = [
                random.choice(TEXTS) + random.choice((",", ";", " ", "\t")) * random.choice((1, 70000))
            ]
        else:  # a field
            marks = re.split(r"([,;\t ]+)", lines[place])
            where = 2 * random.randrange((len(marks) + 1) // 2)
            marks[where] = random.choice(
                (random.choice(TEXTS), random.choice(TEXTS), marks[where] * 3, '"%s"' % marks[where])
            )
            if random.random() < 0.1:
                del marks[where : where + 2]
            lines[place] = "".join(marks)
        string = "\n".join(lines)
    return string.encode("utf-8", "surrogateescape" if "\ud800" not in string else "replace")


def _times(string, count):
    """`string` said `count` times, or as often as there is room for."""
    return string * min(count, 1 + MOST // (1 + len(string)))


def as_json(random, name, data):
    """Values of a JSON file that are exchanged, left out or put in, and what only its text can hold."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return raw(random, data)
    value = _other(random, value)
    told = json.dumps(value, ensure_ascii=random.random() < 0.5)
    if '"@raw"' in told:
        told = told.replace('"@raw"', random.choice(RAW))
    if random.random() < 0.05:
        told = random.choice(
            ("\ufeff%s", "%s%%s" % told, "%s,", "[%s]", "/**/%s", "'%s'", '{"a": %s}', "%s\0")
        ).replace("%s", told)
    return told.encode("utf-8", "surrogatepass" if random.random() < 0.5 else "replace")


def _other(random, value):
    """`value` with something else somewhere in it."""
    if random.random() < 0.15 or not isinstance(value, (dict, list)) or not value:
        return random.choice((*VALUES, "@raw", "@raw", "@raw", random.choice(TEXTS), [value], {"": value}, [value] * 3))
    if isinstance(value, list):
        value, place = list(value), random.randrange(len(value))
        way = random.randrange(8)
        if way == 0:
            del value[place]
        elif way == 1:
            value[place:place] = [value[place]] * random.choice((1, 300))
        else:
            value[place] = _other(random, value[place])
        return value
    value, key = dict(value), random.choice(sorted(value))
    way = random.randrange(10)
    if way == 0:
        del value[key]
    elif way == 1:
        value[random.choice(TEXTS)] = value.pop(key)
    elif way == 2:
        other = random.choice(sorted(value))
        value[key], value[other] = value[other], value[key]
    else:
        value[key] = _other(random, value[key])
    return value


def json_lines(random, name, data):
    """One line of a file of JSON lines changed, or the lines as those of a text."""
    if random.random() < 0.2:
        return text(random, name, data)
    lines = data.split(b"\n")
    place = random.randrange(max(1, len(lines) - 1))
    lines[place] = as_json(random, name, lines[place])
    return b"\n".join(lines)


def idx(random, name, data):
    """Numbers of the header of an idx file: the type, the rank and the sizes."""
    data = bytearray(data)
    if len(data) < 8:
        return raw(random, data)
    way = random.randrange(4)
    if way == 0:
        data[random.randrange(4)] = random.choice((0, 1, 2, 3, 4, 8, 9, 0x0D, 32, 33, 255))
    elif way == 1:
        axis = 4 + 4 * random.randrange(max(1, min(data[3], (len(data) - 4) // 4)))
        size = struct.unpack(">I", data[axis : axis + 4])[0]
        new = random.choice((0, 1, size + 1, size * 2, 28, 1 << 16, 1 << 20, 1 << 29, (1 << 31) - 1, (1 << 32) - 1))
        data[axis : axis + 4] = struct.pack(">I", new & 0xFFFFFFFF)
    elif way == 2:  # a whole file of another shape
        shape = [random.choice((0, 1, 2, 5, 28, 29)) for _ in range(random.choice((0, 1, 2, 3, 4, 32)))]
        items = min(int(np.prod(shape, dtype=np.float64)), 1 << 16)
        return (
            struct.pack(">HBB", 0, 8, len(shape))
            + struct.pack(">%dI" % len(shape), *shape)
            + bytes(range(256)) * (items // 256)
            + bytes(items % 256)
        )
    else:
        place = random.randrange(min(16, len(data) - 1), len(data))
        data[place] = random.choice((0, 9, 10, 255))
    return bytes(data)


def unzipped(data):
    """What a gzip file holds, up to `MOST` bytes; None where it is none."""
    try:
        return zlib.decompressobj(31).decompress(data, MOST)
    except zlib.error:
        return None


def zipped(data):
    """A gzip file that is a function of `data` alone."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)


def bomb(random, size, start=b""):
    """`size` bytes of one value behind `start`, gzipped: a thousandth of it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    value = random.choice((b"\0", b"\n", b"a", b"a ", b"a\n", b"0 "))
    total = start + value * ((1 << 20) // len(value))
    parts, check = [packer.compress(start)], zlib.crc32(start)
    block = total[len(start) :]
    for _ in range(size >> 20):
        parts.append(packer.compress(block))
        check = zlib.crc32(block, check)
    parts.append(packer.flush())
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + b"".join(parts) + struct.pack("<II", check, size & 0xFFFFFFFF)


def gz(random, name, data):
    """Another file inside of a gzip file, or what is around it."""
    inside = unzipped(data)
    if inside is None or random.random() < 0.1:
        return raw(random, data)
    if random.random() < 0.0005:
        return bomb(random, random.choice((8 << 20, 80 << 20, 300 << 20)), inside)
    packed = zipped(content(random, name[: -len(".gz")], inside))
    if random.random() < 0.1:
        more = (zipped(b""), zipped(b"x"), b"\0" * 20, b"junk", packed, packed[:-4] + b"\0\0\0\0")
        packed += random.choice(more)
    return zipped(packed) if random.random() < 0.02 else packed


def members(data):
    """[header, content] of each member of an unpacked tar archive."""
    found, place = [], 0
    while place + 512 <= len(data) and data[place : place + 512].strip(b"\0"):
        header = data[place : place + 512]
        digits = header[124:136].strip(b"\0 ")
        size = int(digits, 8) if re.fullmatch(b"[0-7]+", digits) else 0
        found.append([header, data[place + 512 : place + 512 + size]])
        place += 512 + (size + 511) // 512 * 512
    return found


def member(name, data, kind=b"0", size=None):
    """[header, content] of a member of a tar archive."""
    header = bytearray(512)
    header[: len(name[:100])] = name[:100]
    header[100:124] = b"0000644\0" * 3
    header[124:136] = b"%011o\0" % (len(data) if size is None else size)
    header[136:148] = b"0" * 11 + b"\0"
    header[156:157] = kind
    header[257:265] = b"ustar\x0000"
    return [checked(header), data]


def checked(header):
    """The header of a member with its checksum."""
    header = bytearray(header[:148] + b" " * 8 + header[156:])
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def joined(found, end=b"\0" * 1024):
    """The tar archive of members."""
    return b"".join(header + data + b"\0" * (-len(data) % 512) for header, data in found) + end


FIELDS = (
    (0, 100),
    (100, 8),
    (108, 8),
    (116, 8),
    (124, 12),
    (136, 12),
    (148, 8),
    (156, 1),
    (157, 100),
    (257, 8),
    (345, 155),
)
PAX = (
    b"11 size=99\n",
    b"9 path=x\n",
    b"0 a=b\n",
    b"20 GNU.sparse.major=1\n",
    b"22 GNU.sparse.realsize=9999\n",
    b"x",
    b"1" * 3000,
)
PAX += (
    b"30 mtime=99999999999999999999999\n",
    b"12 size=-512\n",
    b"25 hdrcharset=ISO-IR 10646\n",
    b"9" * 60000,
    b"18 path=../../abc\n",
)


def tar(random, name, data):
    """Members of a tar archive: their names, sizes, kinds, order and contents; headers of its extensions; bombs of them."""
    found = members(data)
    if not found or random.random() < 0.1:
        return raw(random, data)
    place = random.randrange(len(found))
    header, inside = found[place]
    way = random.randrange(12)
    if way < 3:
        told = header[:100].split(b"\0")[0].decode("latin-1")
        found[place] = member(told.encode("latin-1"), content(random, told, inside))
    elif way < 6:
        start, length = random.choice(FIELDS)
        new = random.choice(
            (
                b"\0" * length,
                b"7" * length,
                b"\x80" + b"\0" * (length - 1),
                b"\xff" * length,
                b"\x80\0\0\0\0\0\0\0\x7f\xff\xff\xff"[:length],
                bytes([random.choice(b"01234567LKxgSDNVM\0")]) * length,
                random.choice((b"../../etc/passwd", b"/x", b"./train/a.csv", b"\x1b[2J", b"\xff\xfe", b"train/x.csv"))[
                    :length
                ],
                b"%0*o" % (length, random.choice((0, 1, 511, 512, 513, 1 << 20, 1 << 23))),
            )
        )
        new = new[:length].ljust(length, b"\0")
        header = header[:start] + new + header[start + length :]
        found[place][0] = checked(header) if random.random() < 0.9 else header
    elif way == 6:
        del found[place]
    elif way == 7:
        again = found[random.randrange(len(found))]
        found[place:place] = [again] * min(
            random.choice((1, 1, 3, 12000 if random.random() < 0.2 else 50)), MOST // (1024 + len(again[1]))
        )
    elif way == 8:
        told = b"".join(random.choice(PAX) for _ in range(random.choice((1, 2, 5))))
        found[place:place] = [member(b"pax", told * random.choice((1, 1, 8)), random.choice((b"x", b"g", b"X")))]
    elif way == 9:
        long = random.choice((b"a" * 300 + b"\0", header[:100], b"train/a.csv\0", b"9" * 70000, b"\x1b[2J\0"))
        found[place:place] = [member(b"././@LongLink", long, random.choice((b"L", b"K")))] * random.choice(
            (1, 1, 2000 if random.random() < 0.2 else 5)
        )
    elif way == 10:
        sparse = bytearray(member(header[:90].strip(b"\0"), b"", b"S")[0])
        sparse[482] = 1  # more of the map follows
        count = random.choice((1, 5, 50)) if random.random() < 0.97 else 4000
        found[place:place] = [[checked(sparse), (b"00000000001\0" * 42 + b"\1").ljust(512, b"\0") * count]]
    else:
        told = (
            pax(b"GNU.sparse.major", b"1")
            + pax(b"GNU.sparse.minor", b"0")
            + pax(b"GNU.sparse.name", header[:100].strip(b"\0"))
        )
        numbers = b"99999999\n" + b"1\n" * random.choice((3, 500, 5000, 1000000 if random.random() < 0.1 else 9))
        found[place:place] = [member(b"pax", told, b"x"), member(header[:90].strip(b"\0"), numbers)]
    end = b"\0" * 1024 if random.random() < 0.95 else random.choice((b"", b"\0" * 512, b"\0" * 200000, b"x" * 512))
    return joined(found, end)


def pax(key, value):
    """A record of a pax header."""
    length = len(key) + len(value) + 3
    while len(b"%d" % length) + len(key) + len(value) + 3 != length:
        length = len(b"%d" % length) + len(key) + len(value) + 3
    return b"%d %s=%s\n" % (length, key, value)


def tgz(random, name, data):
    """As `gz`, of a tar archive."""
    inside = unzipped(data)
    if inside is None or random.random() < 0.1:
        return raw(random, data)
    if random.random() < 0.0005:
        size = random.choice((20 << 20, 300 << 20))
        return bomb(random, size, member(random.choice((b"x", b"train/x.csv")), b"", size=size - 512)[0])
    packed = zipped(tar(random, name, inside)[:MOST])
    return packed + random.choice((b"", b"", b"", b"", b"junk", zipped(b"")))


def npy(random, name, data):
    """The header and the numbers of an array."""
    try:
        length = struct.unpack("<H", data[8:10])[0]
        header, body = data[10 : 10 + length].decode("latin-1"), data[10 + length :]
    except struct.error:
        return raw(random, data)
    way = random.randrange(8)
    if way < 2 and body:
        dtype = (re.findall(r"'descr': '([^']*)'", header) or ["|u1"])[0]
        try:
            array = np.frombuffer(
                body[: len(body) // np.dtype(dtype).itemsize * np.dtype(dtype).itemsize], dtype
            ).copy()
        except (ValueError, TypeError, ZeroDivisionError):
            return raw(random, data)
        if not len(array):
            return raw(random, data)
        place = random.choice((0, len(array) - 1, random.randrange(len(array))))
        with np.errstate(all="ignore"):
            if array.dtype.kind == "f":
                array[place] = random.choice((0, -1, 0.5, np.nan, np.inf, 1e39 if array.itemsize > 4 else 1e38, 1e-45))
            elif array.dtype.kind in "iu":
                limits = np.iinfo(array.dtype)
                array[place] = random.choice(
                    (0, 1, limits.min, limits.max, int(array[place]) ^ 1, 1 + len(array) % 100)
                )
            else:
                return data[: 10 + length] + raw(random, body)
        body = array.tobytes()
    elif way < 4:
        kinds = (
            "|O",
            "<f8",
            "<f4",
            "<f2",
            ">i8",
            "|i1",
            "<u8",
            "<U5",
            "<U500000000",
            "|V8",
            "|S3",
            "<m8[s]",
            "|b1",
            "<c16",
            "<f16",
        )
        kinds += ("(1000000000,)<f8", "", "x", "<f8,<f8")
        header = re.sub(r"'descr': '[^']*'", lambda found: "'descr': %r" % random.choice(kinds), header)
    elif way < 6:
        sizes = (
            "()",
            "(0,)",
            "(0, 3)",
            "(3, 0)",
            "(1000000000, 3)",
            "(-1, 3)",
            "(%s,)" % BIG,
            "(1.5,)",
            "(2, 3, 4)",
            "(True,)",
        )
        sizes += (
            "(%d,)" % max(1, len(body) // 4),
            "(%d, 3)" % (len(body) // 12),
            "[3]",
            "None",
            "(4611686018427387904, 4)",
            "(2,)" * 2000,
        )
        header = re.sub(r"'shape': \([^)]*\)", lambda found: "'shape': " + random.choice(sizes), header)
    elif way == 6:
        wrong = (
            "{}",
            "1",
            "(" * 3000,
            "+".join("1" * 30000),
            "-" * 9000 + "1",
            "{'descr': '<f8'}",
            "__import__('os')",
            header * 3,
        )
        header = random.choice((*wrong, header.replace("False", "True"), header + " " * 70000, "{'x': " * 3000))
    else:
        body = raw(random, body)
    told = header.encode("latin-1")
    start = random.choice((b"\x93NUMPY\1\0",) * 8 + (b"\x93NUMPY\2\0", b"\x93NUMPY\3\0", b"\x93NUMPY\4\0", b"NUMPY"))
    wide = start[-2:-1] in b"\2\3" or len(told) > 65535
    if wide and start[-2:-1] == b"\1":
        start = b"\x93NUMPY\2\0"
    return start + (struct.pack("<I", len(told)) if wide else struct.pack("<H", len(told))) + told + body


def npz(random, name, data):
    """Arrays of a .npz file, and what is around them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist() if info.file_size < MOST]
    except Exception:  # it was damaged before
        return raw(random, data)
    if not parts or random.random() < 0.1:
        return raw(random, data)
    place = random.randrange(len(parts))
    told, inside = parts[place]
    way = random.randrange(10)
    if way == 0:
        del parts[place]
    elif way == 1:
        parts[place] = (
            random.choice(("strokes", "x.npy", "../x.npy", "strokes.npy", "", "a" * 60000, "\x1b[2J.npy")),
            inside,
        )
    elif way == 2:
        pickled = b"cposix\nsystem\n(S'exit 1'\ntR."
        empty = (
            b"\x93NUMPY\1\0"
            + struct.pack("<H", 118)
            + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(117)
            + b"\n"
        )
        parts[place] = (told, random.choice((pickled, empty + pickled, b"", b"x")))
    elif way == 3 and random.random() < 0.02:
        parts[place] = (told, inside + bytes(random.choice((5 << 20, 40 << 20))))
    else:
        parts[place] = (told, npy(random, told, inside))
    methods = (zipfile.ZIP_DEFLATED,) * 40 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", random.choice(methods)) as archive:
        for told, inside in parts:
            archive.writestr(zipfile.ZipInfo(told, (1980, 1, 1, 0, 0, 0)), inside, random.choice(methods))
    return packed.getvalue()


def midi(random, name, data):
    """Lengths, times and messages of a MIDI file."""
    data = bytearray(data)
    places = [found.start() for found in re.finditer(b"MT(hd|rk)", bytes(data))]
    if not places or random.random() < 0.2:
        return raw(random, data)
    place = random.choice(places)
    way = random.randrange(6)
    if way == 0:
        data[place + 4 : place + 8] = struct.pack(">I", random.choice((0, 1, 5, 6, 7, 1 << 16, 1 << 31, (1 << 32) - 1)))
    elif way == 1:
        start = 8 + 2 * random.randrange(3)
        data[start : start + 2] = struct.pack(
            ">H", random.choice((0, 1, 2, 5, 9, 10, 16, 480, 0x7FFF, 0x8000, 0xE728, 0xFFFF))
        )
    elif way == 2:
        start = random.randrange(place, len(data))
        data[start:start] = random.choice(
            (
                b"\x80" * 5,
                b"\xff" * 4,
                b"\x80" * 200000,
                b"\xff\x51\x03\0\0\0",
                b"\0\xff\x2f\0",
                b"\xf0",
                b"\xff\x01\xff\xff\xff\x7f",
            )
        )
    elif way == 3:
        tracks = data[places[-1] :] if len(places) > 1 else data
        data += bytes(tracks) * random.choice((1, 5, 40))
        data[10:12] = struct.pack(">H", random.choice((1, 5, 9, 10, 60, 65535)))
    elif way == 4:
        track = b"MTrk" + struct.pack(">I", 8) + b"\x8b\xa0\0\xff\x2f\0\0\0"
        count = random.choice((3, 10, 3000, 60000))
        return bytes(data[:10]) + struct.pack(">H", count) + bytes(data[12:14]) + track * count
    else:
        start = random.randrange(place, len(data))
        data[start] = random.choice((0, 1, 0x7F, 0x80, 0x90, 0x9F, 0xC0, 0xF0, 0xF7, 0xFF))
    return bytes(data)


def flag(random, name, data):
    """What stands behind a flag."""
    return random.choice(
        (random.choice(TEXTS), random.choice(TEXTS) * 2, "%s,%s" % (random.choice(TEXTS), random.choice(TEXTS)))
    ).encode()


def index(random, name, data):
    """Bytes of a checkpoint's table of contents. Its checksums are right in the folder "forged" alone: a damaged file has
    others, and TensorFlow looks at them."""
    if random.random() < 0.2 or len(data) < 60:
        return raw(random, data)
    try:
        blocks = table_blocks(data)
    except (IndexError, ValueError):
        return raw(random, data)
    data = bytearray(data)
    start, size = random.choice(blocks)
    for _ in range(random.choice((1, 1, 2, 5))):
        place = start + random.randrange(size + 1)
        data[place] = random.choice(
            (data[place] ^ (1 << random.randrange(8)), 0, 1, 0x7F, 0x80, 0xFF, random.getrandbits(8))
        )
    if name.startswith("forged"):
        for start, size in blocks:
            crc = crc32c(bytes(data[start : start + size + 1]))
            masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
            data[start + size + 1 : start + size + 5] = struct.pack("<I", masked)
    return bytes(data)


def table_blocks(data):
    """(start, size) of each block of a table as LevelDB writes it: contents, a byte for how they are packed, a checksum."""

    def number(place):
        value = shift = 0
        while True:
            byte = data[place]
            value, shift, place = value | (byte & 127) << shift, shift + 7, place + 1
            if byte < 128:
                return value, place

    place, blocks = len(data) - 48, []
    for _ in range(2):  # the second is the index
        start, place = number(place)
        size, place = number(place)
        blocks.append((start, size))
    place, end = start, start + size - 4 * (1 + struct.unpack("<I", data[start + size - 4 : start + size])[0])
    while place < end:
        _, place = number(place)
        unshared, place = number(place)
        _, place = number(place)
        start, after = number(place + unshared)
        size, place = number(after)
        blocks.append((start, size))
    return [(start, size) for start, size in blocks if 0 < start + size + 5 <= len(data)]


def _crc_table():
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
        yield number


_CRC = tuple(_crc_table())


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


KINDS = (
    (".index", index),
    (".tgz", tgz),
    (".tar.gz", tgz),
    (".gz", gz),
    (".npz", npz),
    (".npy", npy),
    (".mid", midi),
    (".ndjson", json_lines),
    (".json", as_json),
    (".csv", text),
    (".txt", text),
    (".neg", text),
    (".pos", text),
    (".en", text),
    (".fr", text),
    (".flag", flag),
    ("ubyte", idx),
)
