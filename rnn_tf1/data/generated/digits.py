"""Drawn digits that stand in for MNIST without a network: matplotlib's fonts, bent, rotated, thickened, blurred."""

import os
from typing import List, Tuple

import numpy as np

from rnn_tf1.data.files.idx import write_idx
from rnn_tf1.errors import DataError
from rnn_tf1.program.files import make_directory

FONTS = (  # the fonts of matplotlib with usable digits
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSans-Bold",
    "DejaVuSerif",
    "DejaVuSerif-Italic",
    "STIXGeneral",
    "STIXGeneralItalic",
    "STIXGeneralBol",
    "cmr10",
    "cmss10",
    "cmtt10",
    "DejaVuSerif-Bold",
)

_BLOCK = 500  # images drawn at once, in about 40 MB
_SIZE = 28  # pixels of an image's side
_GRID = 64  # points of a glyph's distance field per side
_REACH = 18.0  # pixels from the centre of the field to its border
_HEIGHT = 20.0  # pixels of a digit before it is scaled, as in MNIST


def generate(folder: str, train: int = 60000, test: int = 10000, seed: int = 0) -> None:
    """Writes the four gzipped idx files of MNIST into `folder`, with `train` and `test` drawn digits, whole or not at all.

    Image i of either part depends on (seed, part, i) alone, so that smaller sets are the beginnings of larger ones.
    Draws a progress bar on stderr. Raises `OutputError` where the folder cannot be written to, and `DataError`
    where matplotlib comes without its fonts.
    """
    make_directory(folder)
    from tqdm import tqdm

    fields = glyph_fields()
    with tqdm(total=train + test, desc="drawing digits", unit=" images") as bar:
        for part, (name, count) in enumerate((("train", train), ("t10k", test))):
            images = np.empty([count, _SIZE, _SIZE], np.uint8)
            labels = np.empty([count], np.uint8)
            for block, start in enumerate(range(0, count, _BLOCK)):
                rows = slice(start, min(start + _BLOCK, count))
                drawn, drawn_labels = draw_block(fields, np.random.RandomState([seed, part, block]))
                images[rows], labels[rows] = drawn[: rows.stop - start], drawn_labels[: rows.stop - start]
                bar.update(rows.stop - start)
            write_idx(os.path.join(folder, "%s-images-idx3-ubyte.gz" % name), images)
            write_idx(os.path.join(folder, "%s-labels-idx1-ubyte.gz" % name), labels)


def draw_block(fields: np.ndarray, random: np.random.RandomState) -> Tuple[np.ndarray, np.ndarray]:
    """Draws a block of digits from `glyph_fields`: images uint8 [block, 28, 28], white on black, labels uint8 [block]."""

    def between(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, size=_BLOCK).astype(np.float32)

    labels = random.randint(0, 10, size=_BLOCK)
    chosen = fields[random.randint(len(fields), size=_BLOCK), labels]  # [block, grid, grid]

    # From the pixels of the image back to the points of the glyph: shift, then turn, slant and scale, then bend.
    turn, slant = between(-0.30, 0.30), between(-0.30, 0.30)
    scale_x, scale_y = between(0.70, 1.15), between(0.78, 1.08)
    axis = np.arange(_SIZE, dtype=np.float32) - (_SIZE - 1) / 2
    x = (axis[None, None, :] - _column(between(-2.0, 2.0))) * np.ones([1, _SIZE, 1], np.float32)
    y = (axis[None, :, None] - _column(between(-2.0, 2.0))) * np.ones([1, 1, _SIZE], np.float32)
    cos, sin = _column(np.cos(turn)), _column(np.sin(turn))
    x, y = cos * x + sin * y, cos * y - sin * x
    x, y = (x + _column(slant) * y) / _column(scale_x), y / _column(scale_y)
    x, y = (
        x + _wave(x, y, between(-2.0, 2.0), between(0.12, 0.35), between(0.0, 6.3), between(0.0, 6.3)),
        y + _wave(x, y, between(-2.0, 2.0), between(0.12, 0.35), between(0.0, 6.3), between(0.0, 6.3)),
    )

    # Distance to the outline, in pixels, positive inside. The stroke's half width is brought towards a random one.
    distance = _sample(chosen, x, y)
    own_width = chosen.reshape(_BLOCK, -1).max(axis=1)
    widening = np.clip(between(1.0, 2.3) - own_width, -0.2 * own_width, 1.2)
    distance += _column(widening) + 0.15 * random.standard_normal(size=distance.shape).astype(np.float32)
    softness = _column(between(0.8, 1.8))  # pixels from black to white; 1 is a sharp, antialiased edge
    ink = np.clip(0.5 + distance / softness, 0, 1) * _column(between(0.75, 1.0))
    return np.rint(255 * ink).astype(np.uint8), labels.astype(np.uint8)


def glyph_fields() -> np.ndarray:
    """Distance fields of the digits: float32 [fonts, 10, grid, grid], pixels to the outline, positive inside the ink."""
    from matplotlib import get_data_path
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    folder = os.path.join(get_data_path(), "fonts", "ttf")
    paths = [path for path in (os.path.join(folder, font + ".ttf") for font in FONTS) if os.path.exists(path)]
    if not paths:
        raise DataError("%s: matplotlib's own fonts are not there: pip install --force-reinstall matplotlib" % folder)
    fields = np.empty([len(paths), 10, _GRID, _GRID], np.float32)
    for row, path in enumerate(paths):
        properties = FontProperties(fname=path)
        for digit in range(10):
            polygons = TextPath((0, 0), str(digit), size=100, prop=properties).to_polygons()
            fields[row, digit] = _distance_field([np.asarray(polygon) for polygon in polygons])
    return fields


def _distance_field(polygons: List[np.ndarray]) -> np.ndarray:
    """Signed distances from the points of the grid to closed `polygons`, centred and scaled to `_HEIGHT`."""
    corners = np.concatenate(polygons)
    low, high = corners.min(axis=0), corners.max(axis=0)
    scale = np.array([1, -1]) * _HEIGHT / (high[1] - low[1])  # fonts count y upwards, images downwards
    placed = [(polygon - (low + high) / 2) * scale for polygon in polygons]
    starts = np.concatenate([polygon[:-1] for polygon in placed])
    ends = np.concatenate([polygon[1:] for polygon in placed])
    axis = np.linspace(-_REACH, _REACH, _GRID)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 1, 2)
    edges, offsets = ends - starts, points - starts  # [edges, 2], [points, edges, 2]
    along = (offsets * edges).sum(axis=-1) / np.maximum((edges**2).sum(axis=-1), 1e-12)
    nearest = np.clip(along, 0, 1)[..., None] * edges
    distance = np.sqrt(((offsets - nearest) ** 2).sum(axis=-1).min(axis=1))
    # The winding number: how often the outline crosses the ray to the right of a point, one way minus the other way.
    beyond_start, beyond_end = points[..., 1] >= starts[:, 1], points[..., 1] >= ends[:, 1]
    side = edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0]
    winding = (beyond_start & ~beyond_end & (side > 0)).sum(axis=1) - (~beyond_start & beyond_end & (side < 0)).sum(
        axis=1
    )
    return np.where(winding != 0, distance, -distance).reshape(_GRID, _GRID)


def _column(values: np.ndarray) -> np.ndarray:
    return values[:, None, None]


def _wave(x: np.ndarray, y: np.ndarray, height: np.ndarray, pace: np.ndarray, *phases: np.ndarray) -> np.ndarray:
    """A smooth random bend [block, 28, 28]: `height` in pixels, `pace` in radians per pixel."""
    across = np.sin(_column(pace) * x + _column(phases[0]))
    return _column(height) * across * np.cos(_column(pace) * y + _column(phases[1]))


def _sample(fields: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The values of `fields` [block, grid, grid] at points in pixels from the centre, interpolated between grid points."""
    last = _GRID - 1.001  # the point below and right of it is still in the field
    column = np.clip((x / _REACH + 1) * ((_GRID - 1) / 2), 0, last)
    row = np.clip((y / _REACH + 1) * ((_GRID - 1) / 2), 0, last)
    left, top = column.astype(np.int32), row.astype(np.int32)
    right_share, bottom_share = column - left, row - top
    here = top * _GRID + left + _column(np.arange(len(fields), dtype=np.int32) * (_GRID * _GRID))
    flat = fields.reshape(-1)
    upper = flat[here] + right_share * (flat[here + 1] - flat[here])
    lower = flat[here + _GRID] + right_share * (flat[here + _GRID + 1] - flat[here + _GRID])
    return upper + bottom_share * (lower - upper)
