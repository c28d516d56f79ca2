"""Looks at the pages in a folder: exits with 1 where a link, an anchor, a picture or a script is not there.

What a page loads must lie beside it: the pages work without a network. Links to other sites are not followed.
"""

import argparse
import glob
import html.parser
import os
import sys
import urllib.parse

from up_to_date import ROOT

PAGES = os.path.join(ROOT, "docs", "_build", "html")
LOADED = {"img": "src", "script": "src", "link": "href", "object": "data", "iframe": "src"}  # without being clicked


class Page(html.parser.HTMLParser):
    """The anchors of a page, and what it loads and links to, each with its line."""

    def __init__(self, path):
        super().__init__()
        self.anchors, self.loaded, self.linked = set(), [], []
        with open(path, encoding="utf-8") as file:
            self.feed(file.read())

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.anchors.update(found[name] for name in ("id", "name") if found.get(name))
        if tag == "a" and found.get("href"):
            self.linked.append((found["href"], self.getpos()[0]))
        elif found.get(LOADED.get(tag)):
            self.loaded.append((found[LOADED[tag]], self.getpos()[0]))


def broken(folder, pages):
    """A line for each address that leads nowhere; `pages` is {path: Page}."""
    for path, page in pages.items():
        for address, line in page.loaded + page.linked:
            parts = urllib.parse.urlsplit(address)
            here = "%s, line %d: %s" % (os.path.relpath(path, folder), line, address)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if (address, line) in page.loaded:
                    yield here + " would be loaded from another site"
                continue
            target, anchor = path, urllib.parse.unquote(parts.fragment)
            if parts.path:
                target = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(parts.path)))
            if not os.path.exists(target):
                yield here + " is not there"
            elif anchor and target in pages and anchor not in pages[target].anchors:
                yield here + " has no such anchor"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=PAGES, help="where the pages are (default: docs/_build/html)")
    folder = parser.parse_args().folder
    paths = glob.glob(os.path.join(folder, "**", "*.html"), recursive=True)
    if not paths:
        sys.exit("There are no pages in %s: run make docs." % folder)
    pages = {path: Page(path) for path in sorted(paths)}
    found = list(broken(folder, pages))
    print("\n".join(found + ["%d pages, %d broken links" % (len(pages), len(found))]))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
