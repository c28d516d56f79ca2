"""Draws wrong lines for the rooms in which no mathematics is::

    python tests/ast_mutants.py SEED NUMBER                                     # prints them
    python tests/mutants.py --drawn NUMBER --seed SEED --only "drawn with"      # plants them

Where equations are, tests/planted holds slips typed by hand. Elsewhere the tree of a file is changed at a random place by a
random operator, and the tests of the room have to notice. A draw is told by its seed, file, line and operator. What survived
and was judged is in tests/judged.txt and is not drawn again. Needs Python 3.9.
"""

import ast
import copy
import functools
import os
import random
import re
import sys

from places import ROOT
from planted import Mutant

# Room: the folder of its tests, or the file where it has none of its own.
TESTS = {
    "bridge": "tests/experiments/test_translating.py",
    "cluster": "tests/cluster",
    "data": "tests/data",
    "devices": "tests/devices",
    "experiments": "tests/experiments",
    "help": "tests/help",
    "plotting": "tests/plotting",
    "program": "tests/program",
}
JUDGED = os.path.join(ROOT, "tests", "judged.txt")

FLIPPED = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
OTHER_SIGN = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div}
# Arguments that only say how a picture looks.
LOOKS = {
    "alpha",
    "color",
    "colors",
    "edgecolor",
    "facecolor",
    "fontsize",
    "fontstyle",
    "fontweight",
    "ha",
    "labelpad",
    "labelsize",
}
LOOKS |= {
    "length",
    "linespacing",
    "linestyle",
    "linewidth",
    "loc",
    "lw",
    "pad",
    "rotation",
    "rotation_mode",
    "s",
    "size",
    "va",
    "zorder",
}


def changed(node, **fields):
    """A copy of the node with other fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def swapped(items, i):
    return items[:i] + [items[i + 1], items[i]] + items[i + 2 :]


def without(items, i):
    return items[:i] + items[i + 1 :]


def compared(node):
    """One comparison turned round or moved by its border."""
    if len(node.ops) == 1:
        for op in FLIPPED[type(node.ops[0])]:
            yield "comparison", changed(node, ops=[op()])


def joined(node):
    """`and` for `or`, and one of the terms left out."""
    yield "and-or", changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for i in range(len(node.values)):
        left = without(node.values, i)
        yield "term", left[0] if len(left) == 1 else changed(node, values=left)


def computed(node):
    """Another sign."""
    if type(node.op) in OTHER_SIGN and not isinstance(node.left, ast.Constant):
        yield "sign", changed(node, op=OTHER_SIGN[type(node.op)]())


def negated(node):
    if isinstance(node.op, ast.Not):
        yield "not", node.operand


def constant(node):
    if isinstance(node.value, bool):
        yield "bool", changed(node, value=not node.value)
    elif isinstance(node.value, int):
        yield "plus-one", changed(node, value=node.value + 1)
        yield "minus-one", changed(node, value=node.value - 1)


def called(node):
    """Two neighboring arguments swapped, and a named one left out; what only colors a picture stays."""
    for i in range(len(node.args) - 1):
        yield "arguments", changed(node, args=swapped(node.args, i))
    for i, keyword in enumerate(node.keywords):
        if keyword.arg not in LOOKS:
            yield "keyword", changed(node, keywords=without(node.keywords, i))


def chosen(node):
    """The other branch."""
    yield "branch", changed(node, body=node.orelse, orelse=node.body)


def removed(node):
    """No statement. A text alone is documentation, and a name that is never set falls to anything that runs."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    sets_names = isinstance(node, ast.Assign) and not isinstance(node.targets[0], (ast.Attribute, ast.Subscript))
    if not is_text and not sets_names:
        yield "statement", ast.Pass()


def jumped(node):
    yield "jump", ast.Break() if isinstance(node, ast.Continue) else ast.Continue()


OPERATORS = {
    ast.Compare: compared,
    ast.BoolOp: joined,
    ast.BinOp: computed,
    ast.UnaryOp: negated,
    ast.Constant: constant,
    ast.Call: called,
    ast.IfExp: chosen,
    ast.Expr: removed,
    ast.Assign: removed,
    ast.AugAssign: removed,
    ast.Return: removed,
    ast.Raise: removed,
    ast.Delete: removed,
    ast.Break: jumped,
    ast.Continue: jumped,
}


def nodes(tree):
    """The nodes that may be changed: what stands inside an f-string has no place of its own in the file."""
    skipped = {id(n) for f in ast.walk(tree) if isinstance(f, ast.JoinedStr) for n in ast.walk(f)}
    return [node for node in ast.walk(tree) if type(node) in OPERATORS and id(node) not in skipped]


def places(path):
    """[(line, operator, text of the file as it would be), ...] for one file, in a fixed order."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        text = file.read()
    tree, found = ast.parse(text), []
    for node in nodes(tree):
        for operator, new in OPERATORS[type(node)](node):
            found.append((node.lineno, operator, (text, node, new)))
    return found


def written(text, node, new):
    """The text with `new` in the place of `node`."""
    lines = text.encode("utf-8").splitlines(True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    code = ast.unparse(ast.fix_missing_locations(new))
    code = "(%s)" % code if isinstance(new, ast.expr) else code
    whole = text.encode("utf-8")
    return (whole[:start] + code.encode("utf-8") + whole[end:]).decode("utf-8")


def selection(room, path):
    """The room's tests, those first that name the module."""
    stem, folder = os.path.basename(path)[: -len(".py")], os.path.join(ROOT, TESTS[room])
    if os.path.isfile(folder) or stem == "__init__":
        return TESTS[room]
    first = []
    for name in sorted(os.listdir(folder)):
        if name.startswith("test_"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                first += ["%s/%s" % (TESTS[room], name)] if re.search(r"\b%s\b" % stem, file.read()) else []
    return " ".join(first + [TESTS[room]])


def files(room):
    """The Python files of a room, from the repository's root."""
    return sorted(
        os.path.relpath(os.path.join(folder, name), ROOT)
        for folder, _, names in os.walk(os.path.join(ROOT, "rnn_tf1", room))
        for name in names
        if name.endswith(".py")
    )


def judged():
    """{(file, operator, the line's text)} of the survivors that a person has judged."""
    with open(JUDGED, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if line.strip() and not line.startswith((" ", "#"))]
    return {tuple(line.split(" | ", 2)) for line in lines}


@functools.lru_cache(maxsize=500)
def meaning(text):
    """The code without its comments, brackets and white space."""
    return ast.dump(ast.parse(text))


def draw(seed):
    """A Mutant for every place of all rooms, one after the other, in an order that the seed tells."""
    known, everything = judged(), []
    for room in sorted(TESTS):
        for path in files(room):
            everything += [(room, path) + place for place in places(path)]
    random.Random(seed).shuffle(everything)
    for room, path, line, operator, (text, node, new) in everything:
        source = text.splitlines()[line - 1].strip()
        whole = written(text, node, new)
        if (path, operator, source) in known or meaning(whole) == meaning(text):
            continue
        why = "drawn with %s: line %d, %s: %s -> %s" % (
            seed,
            line,
            operator,
            source,
            (whole.splitlines() + [""])[line - 1].strip(),
        )
        yield Mutant(path, text, whole, selection(room, path), why)


def main(seed="0", number="20"):
    for mutant, _ in zip(draw(seed), range(int(number))):
        print("%s: %s" % (mutant.file, mutant.why))


if __name__ == "__main__":
    main(*sys.argv[1:])
