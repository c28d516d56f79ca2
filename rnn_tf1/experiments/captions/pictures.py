"""Pictures of captions: where the network looks, and how many are right."""

from typing import Dict, Sequence

import numpy as np

from rnn_tf1.plotting import page


def shares_by_count(shares: Dict[str, Dict[int, float]], path: str) -> str:
    """Draws the share of captions that are right, by the number of digits on the canvas, of several networks side by side.

    Args:
      shares: by the name of the network, {digits: share, 0 to 1}.
      path: the PNG to write.
    """
    figure = page.make_figure(page.WIDTH, 3.0)
    axes = figure.add_axes((0.08, 0.16, 0.9, 0.7))
    axes.set_title("Whole captions that are right (%)", loc="left", fontsize=11, color=page.INK)
    width = 0.8 / len(shares)
    for number, ((name, found), color) in enumerate(zip(shares.items(), page.SERIES)):
        counts = np.array(sorted(found))
        places = counts - 0.4 + (number + 0.5) * width
        values = np.array([100 * found[count] for count in counts])
        axes.bar(places, values, 0.92 * width, color=color, label=name)
        for place, value in zip(places, values):
            axes.text(place, value + 1.5, "%.1f" % value, ha="center", fontsize=9, color=page.INK)
    axes.set_xticks(counts)
    axes.set_ylim(0, 112)
    page.plain(axes)
    axes.set_xlabel("digits on the canvas", fontsize=10, color=page.INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=page.INK, loc="upper right", ncol=2, bbox_to_anchor=(1.0, 1.17))
    return page.save(figure, path)


def looks(
    images: np.ndarray,
    words: Sequence[Sequence[str]],
    looked: Sequence[np.ndarray],
    right: Sequence[bool],
    path: str,
) -> str:
    """Draws images, and for each word that was written where the network looked.

    Args:
      images: [images, rows, columns], 0 (paper) to 1 (ink).
      words: of each image.
      looked: of each image, [words, places]; the places are a square map of the image, row by row.
      right: of each image, whether the whole caption is.
      path: the PNG to write.
    """
    most = max(len(some) for some in words)
    height = 1.35  # inches of an image
    figure = page.make_figure(page.WIDTH, height * len(images) + 0.1)
    across, share = 0.98 / (most + 1), height / (height * len(images) + 0.1)
    for row, (image, some, shares, good) in enumerate(zip(images, words, looked, right)):
        for place in range(len(some) + 1):
            box = (0.01 + place * across, 1 - (row + 0.97) * share, across * 0.95, share * 0.8)
            axes = figure.add_axes(box)
            axes.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
            if place:
                side = int(round(len(shares[place - 1]) ** 0.5))
                seen = shares[place - 1].reshape(side, side)
                extent = (-0.5, image.shape[1] - 0.5, image.shape[0] - 0.5, -0.5)
                axes.imshow(seen / seen.max(), cmap="Oranges", alpha=0.55, extent=extent, interpolation="bilinear")
            title = some[place - 1] if place else "right" if good else "wrong"
            axes.set_title(title, fontsize=10, color=page.INK if place else page.BLUE if good else page.ORANGE, pad=2)
            axes.set_axis_off()
    return page.save(figure, path)
